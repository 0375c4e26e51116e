import { createClient, type LedgerEvent } from '@rtcstack/sdk'
import { eventually, joinCall, type RunningServer, startServer } from '@rtcstack/testkit'
import { afterAll, beforeAll, expect, test } from 'vitest'

let server: RunningServer
let client: ReturnType<typeof createClient>
beforeAll(async () => {
  server = await startServer()
  client = createClient({ url: server.url, apiKey: server.apiSecret })
})
afterAll(async () => void (await server?.stop()))

test('a call is recorded: started at once, stopped at once, and then a file that plays', async () => {
  const room = 'recorded'
  await client.rooms.create({ name: room })
  const { token, url } = await client.tokens.create({ roomId: room, userId: 'ada', name: 'Ada', role: 'host' } as never)
  await using ada = await joinCall({ url, token, publish: { video: 'red', audio: 400 } } as never)
  const askedAt = performance.now()
  const started = await client.recordings.start(room)
  console.log('started in', performance.now() - askedAt, started)
  await new Promise((resolve) => setTimeout(resolve, 5000))
  const stopped = await client.recordings.stop(room)
  console.log(stopped)
  const stoppedAt = performance.now()
  const ready = await eventually(async () => {
    const found = await client.recordings.get(started.egressId)
    return found.status === 'ready' || found.status === 'failed' ? found : false
  }, { timeoutMs: 60_000, message: 'the file' })
  console.log('ready after', performance.now() - stoppedAt, JSON.stringify(ready, null, 1))
  console.log(server.output().split('\n').filter((l) => /warn|error|"level":[45]0/.test(l)).join('\n'))
  void ada
}, 90_000)
