import { existsSync } from 'node:fs'
import { expect, it } from 'vitest'
import { findLiveKit } from './livekit.ts'
import { clusterOfRoot, startServer } from './server.ts'

const liveKit = findLiveKit()
if (!liveKit)
  process.stderr.write(
    'SKIPPED: the product, as neither LIVEKIT_SERVER nor the PATH names a livekit-server\n',
  )

it.skipIf(!liveKit)(
  'starts the product, restarts it in place and leaves nothing behind',
  { timeout: 60_000 },
  async () => {
    const server = await startServer()
    const { url, pid } = server
    expect(await server.childPids()).not.toEqual([])
    await server.restart()
    expect(server.url).toBe(url)
    expect(server.pid).not.toBe(pid)
    expect((await fetch(`${url}/readyz`)).status).toBe(200)
    const cluster = (await clusterOfRoot(server.dataDirectory)) ?? server.dataDirectory
    expect(existsSync(cluster)).toBe(true)
    expect(await server.stop()).toBe(0)
    expect(await server.childPids()).toEqual([])
    expect([server.dataDirectory, cluster].filter(existsSync)).toEqual([])
  },
)

it('rejects with what the server said when it does not start', async () => {
  await expect(startServer({ env: { RTCSTACK_PROT: '1' } })).rejects.toThrow('RTCSTACK_PROT is not a setting')
})
