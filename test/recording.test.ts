import { eventually, joinCall } from '@rtcstack/testkit'
import { expect, test } from 'vitest'
import { uniqueName, useServer } from './product.ts'

const product = useServer()

test('a call is recorded: started at once, stopped at once, and then there is a file', async () => {
  const { recordings, rooms } = product.client
  const room = uniqueName('recorded')
  await rooms.create({ name: room })
  await using _ada = await joinCall({
    ...(await product.token(room, 'ada', 'host')),
    publish: { video: 'red', audio: 440 },
  })
  const started = await recordings.start(room)
  expect(started.status).toBe('recording')
  await eventually(async () => Number((await recordings.get(started.egressId)).durationMs) > 2_000)
  const stopped = await recordings.stop(room)
  expect(stopped).toMatchObject({ egressId: started.egressId, status: 'stopped' })
  const ready = await eventually(
    async () => {
      const found = await recordings.get(started.egressId)
      return ['ready', 'failed'].includes(found.status) && found
    },
    { timeoutMs: 30_000, message: 'the file' },
  )
  expect(ready).toMatchObject({
    status: 'ready',
    startedAt: started.startedAt,
    endReason: 'stopped',
    progress: 1,
  })
})
