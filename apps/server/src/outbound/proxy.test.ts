import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { startReceiver } from '@rtcstack/testkit'
import { expect, test } from 'vitest'

const run = promisify(execFile)
const outboundFile = new URL('./outbound.ts', import.meta.url).href

/** Runs a program in a process whose environment, read when it starts, tells to go through a proxy. */
async function runBehind(proxy: string, program: string): Promise<string> {
  const { origin } = new URL(proxy)
  const env = { NODE_USE_ENV_PROXY: '1', HTTP_PROXY: origin, http_proxy: origin, NO_PROXY: '', no_proxy: '' }
  const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', program], {
    env: { ...process.env, ...env },
  })
  return stdout.trim()
}

test('a proxy of the environment, which would resolve names out of our sight, is not used', async () => {
  await using proxy = await startReceiver()
  await using receiver = await startReceiver()
  // That the proxy is used by whoever does not take care shows that the environment has it.
  await runBehind(proxy.url, `import http from 'node:http'; http.request('${receiver.url}').end()`)
  expect(proxy.received.map(({ path }) => path)).toEqual([receiver.url])
  const printed = await runBehind(
    proxy.url,
    `import { createOutbound } from '${outboundFile}'
    const outbound = createOutbound({ allowCidrs: ['127.0.0.0/8'] })
    const outcome = await outbound.post('${receiver.url}', { headers: {}, body: '{}' })
    console.log(outcome.error, outcome.address)
    await outbound.close()`,
  )
  expect(printed).toBe('null 127.0.0.1')
  expect(receiver.received).toHaveLength(1)
  expect(proxy.received).toHaveLength(1)
})
