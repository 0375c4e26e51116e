import { joinCall } from '@rtcstack/testkit'
import { expect, test } from 'vitest'
import { uniqueName, useServer } from '../product.ts'
import { untilRecorded, whenFinished } from './recorded.ts'

const product = useServer({ LOG_LEVEL: 'debug', RENDER_WIDTH: '320', RENDER_HEIGHT: '180' })

test('at the loudest useful level the log of a recording holds no room, identity, name or link', {
  timeout: 60_000,
}, async () => {
  const { recordings } = product.client
  const room = uniqueName('secret-room')
  await using _caller = await joinCall({
    ...(await product.token(room, 'secret-identity', 'host')),
    publish: { audio: 440 },
  })
  const { egressId } = await recordings.start(room)
  await untilRecorded(product.client, egressId, 1_000)
  await recordings.pause(room)
  await recordings.resume(room)
  await recordings.stop(room)
  const { key } = await whenFinished(product.client, egressId)
  const { url } = await recordings.link(egressId)
  await (await fetch(url)).body?.cancel()
  await (await recordings.file(egressId)).body?.cancel()
  await fetch(url.replace('signature=', 'signature=x'))
  await recordings.delete(egressId)
  const ours = product.server
    .output()
    .split('\n')
    .filter((line) => !line.includes('"child":"livekit-server"'))
    .join('\n')
  expect(key).toContain('secret-room')
  expect(ours).toContain('request answered')
  for (const secret of [new URL(url).searchParams.get('signature') ?? '', 'secret-'])
    expect(ours).not.toContain(secret)
})
