import { eventually } from '@rtcstack/testkit'
import { expect, test } from 'vitest'
import { useEgress } from './testing.ts'

const egress = useEgress()

test.each([
  ['EGRESS_ABORTED', 'Start signal not received', 'recorder-failed'],
  ['EGRESS_FAILED', 'not enough CPU', 'recorder-failed'],
  ['EGRESS_FAILED', 'S3 upload failed: AccessDenied', 'storage-refused'],
])('an egress that is %s with “%s” is %s', async (status, error, ours) => {
  await egress.work()
  const id = await egress.record('failing')
  egress.livekit.next(status, { error })
  await egress.whenState(id, 'failed')
  expect(await egress.find(id)).toMatchObject({ error: ours, endReason: 'recorder-failed' })
  const told = (await egress.eventsOf('failing')).filter(({ data }) => data.egressId === id).at(-1)
  expect(told).toMatchObject({ type: 'recording_stopped', data: { status: 'failed', error: ours } })
  expect(JSON.stringify(told)).not.toContain(error)
})

test('an egress that aborts before it began refuses the start', async () => {
  await egress.work()
  const starting = egress.service.start('silent')
  await eventually(() => egress.livekit.egresses.size === 1)
  egress.livekit.next('EGRESS_ABORTED', { error: 'Start signal not received' })
  await expect(starting).rejects.toMatchObject({ status: 503, slug: 'recorder-capacity' })
  expect(await egress.service.status('silent')).toMatchObject({ isRecording: false })
})

test.each([
  [
    'all workers are busy',
    { status: 429, code: 'resource_exhausted', msg: 'secret inner words' },
    'recorder-capacity',
  ],
  [
    'no worker answers',
    { status: 503, code: 'unavailable', msg: 'no response from servers' },
    'recorder-capacity',
  ],
  [
    'there is no Redis',
    { status: 500, code: 'internal', msg: 'egress not connected (redis required)' },
    'recorder-failed',
  ],
])('a start is refused with recorder-capacity when %s', async (_, refusal, error) => {
  egress.livekit.refusals.set('StartRoomCompositeEgress', refusal)
  await egress.work()
  const startedAt = performance.now()
  const refused = await egress.service.start('busy').catch((error: Error) => error)
  expect(refused).toMatchObject({ status: 503, slug: 'recorder-capacity' })
  expect(JSON.stringify(refused)).not.toContain(refusal.msg)
  expect(performance.now() - startedAt).toBeLessThan(5_000)
  expect(await egress.store.list({ roomId: 'busy' }, 2)).toMatchObject([{ state: 'failed', error }])
})

test('a start is refused within 5 seconds when LiveKit does not answer, as where no Egress service runs', async () => {
  egress.livekit.refusals.set('StartRoomCompositeEgress', 'no answer')
  await egress.work()
  const startedAt = performance.now()
  await expect(egress.service.start('unheard')).rejects.toMatchObject({ slug: 'recorder-capacity' })
  expect(performance.now() - startedAt).toBeLessThan(5_000)
  expect(egress.livekit.count('StartRoomCompositeEgress')).toBe(1)
})

test('an egress that does not begin within 5 seconds is refused, stopped, and leaves no file', async () => {
  await egress.work()
  const starting = egress.service.start('slow')
  await eventually(() => egress.livekit.egresses.size === 1)
  const key = await egress.storeFile('a film')
  await expect(starting).rejects.toMatchObject({ slug: 'recorder-capacity' })
  await eventually(() => egress.livekit.count('StopEgress') > 0)
  await eventually(async () => (await egress.blobs.stat(key)) === undefined)
})

test('an egress that began without our hearing of it is found, and no second one is started', async () => {
  egress.livekit.refusals.set('StartRoomCompositeEgress', 'begins unheard')
  await egress.work()
  await expect(egress.service.start('unheard')).rejects.toMatchObject({ slug: 'recorder-capacity' })
  await eventually(() => egress.livekit.count('StopEgress') > 0)
  expect(egress.livekit.count('StartRoomCompositeEgress')).toBe(1)
})

test('a file that is not in the store as Egress tells is no file', async () => {
  await egress.work()
  const id = await egress.record('lost')
  egress.livekit.next('EGRESS_COMPLETE', { size: 'a film'.length, seconds: 5 })
  await egress.whenState(id, 'failed')
  expect((await egress.find(id)).error).toBe('storage-refused')
})
