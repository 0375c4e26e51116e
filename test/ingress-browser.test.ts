import { readFile } from 'node:fs/promises'
import { hasBrowser, joinCall, openBrowser } from '@rtcstack/testkit'
import { expect, test } from 'vitest'
import { streamsOf, untilPublishing } from './ingress.ts'
import { uniqueName, useServer } from './product.ts'

const product = useServer()

/** What the guide tells pages to do. */
async function programOfGuide(): Promise<string> {
  const guide = await readFile(new URL('../docs/guides/ingress.md', import.meta.url), 'utf8')
  return /```js\n(.*?)```/s.exec(guide)?.[1] ?? expect.fail('the guide has no program')
}

test.skipIf(!hasBrowser())('a page of another origin publishes by the program of the guide', async () => {
  const room = uniqueName('page')
  const endpoint = await product.client.ingress.create(room, { type: 'whip' })
  const { url, streamKey, participantIdentity } = endpoint
  await using viewer = await joinCall(await product.token(room, 'viewer', 'viewer'))
  await using browser = await openBrowser()
  const given = `const [url, streamKey] = ${JSON.stringify([url, streamKey])}\n`
  await browser.run(given + (await programOfGuide()), {
    colour: 'yellow',
    toneHz: 660,
  })
  await Promise.all([
    viewer.sees(participantIdentity, { colour: 'yellow' }),
    viewer.hears(participantIdentity, { toneHz: 660 }),
  ])
  await untilPublishing(product.client, endpoint)
  expect(await streamsOf(product.client, room)).toEqual(['started'])
})
