import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { useRecordings } from '../testing.ts'
import { createRenderStore, type RenderClaim } from './store.ts'

const kept = useRecordings()
const storeOf = (claimant: string) => createRenderStore(kept.database, kept.ledger, claimant)
const namesOf = (claims: RenderClaim[]) => claims.map(({ name }) => name)
const one = (claims: RenderClaim[]): RenderClaim => {
  const [claim, ...others] = claims
  if (!claim || others.length > 0) throw new Error(`${claims.length} claims`)
  return claim
}
const made = { sizeBytes: 1_000, durationMs: 30_000 }

/** A recording that is over, with so many chunks and its file to render. */
async function addCaptured(chunks: number): Promise<string> {
  const durationMs = chunks * 30_000
  const at = '2026-01-01T12:00:00Z'
  const id = await kept.add({ state: 'processing', started_at: at, captured_at: at, duration_ms: durationMs })
  const add = (name: string, kind: string, fromMs: number, untilMs: number) =>
    sql`insert into renders (recording_id, name, kind, from_ms, until_ms, layout)
      values (${id}, ${name}, ${kind}, ${fromMs}, ${untilMs}, 'grid')`.execute(kept.database)
  for (let chunk = 0; chunk < chunks; chunk++)
    await add(`0000${chunk}`, 'chunk', chunk * 30_000, (chunk + 1) * 30_000)
  await add('file', 'file', 0, durationMs)
  return id
}
const clear = (id: string) => sql`delete from recordings where id = ${id}`.execute(kept.database)
const rowOf = async (id: string, name: string) => {
  const { rows } = await sql<Record<string, unknown>>`
    select * from renders where recording_id = ${id} and name = ${name}`.execute(kept.database)
  return rows[0]
}
const stoppedEvents = async (id: string) => {
  const { rows } = await sql<{ status: string; error: string | null }>`
    select body::jsonb -> 'data' ->> 'status' as status, body::jsonb -> 'data' ->> 'error' as error from events
    where room = ${`room ${id}`} and type = 'recording_stopped'`.execute(kept.database)
  return rows
}

test('what one renders no other takes before its lease is over, and then it does', async () => {
  const id = await addCaptured(1)
  const claim = one(await storeOf('one').claim([], 10))
  expect(claim).toMatchObject({ recordingId: id, name: '00000', kind: 'chunk', tries: 1, untilMs: 30_000 })
  expect(await storeOf('two').claim([], 10)).toEqual([])
  expect(await storeOf('one').renew(claim, 0.5)).toBe(true)
  await kept.endLeases()
  expect(namesOf(await storeOf('two').claim([], 10))).toEqual(['00000'])
  expect(await storeOf('one').renew(claim, 0.6)).toBe(false)
  await storeOf('one').done(claim, made)
  expect(await rowOf(id, '00000')).toMatchObject({ state: 'queued', claimed_by: 'two' })
  await clear(id)
})

test('the same claimant takes at once what it had, but for what it holds', async () => {
  const id = await addCaptured(1)
  await storeOf('one').claim([], 10)
  expect(await storeOf('one').claim([`${id}/00000`], 10)).toEqual([])
  expect(one(await storeOf('one').claim([], 10)).tries).toBe(2)
  await clear(id)
})

test('what is renewed is not over', async () => {
  const id = await addCaptured(1)
  const claim = one(await storeOf('one').claim([], 10))
  await kept.endLeases()
  expect(await storeOf('one').renew(claim, 0.5)).toBe(true)
  expect(await storeOf('two').claim([], 10)).toEqual([])
  await clear(id)
})

test('many who claim at once never get the same, nor more than they ask for', async () => {
  const ids = await Promise.all(Array.from({ length: 10 }, () => addCaptured(2)))
  const got = await Promise.all(
    Array.from({ length: 10 }, (_, index) => storeOf(`many ${index}`).claim([], 3)),
  )
  for (const some of got) expect(some.length).toBeLessThanOrEqual(3)
  const names = got.flat().map(({ recordingId, name }) => `${recordingId}/${name}`)
  expect(new Set(names).size).toBe(names.length)
  expect(names).not.toEqual([])
  expect(await storeOf('one').claim([], -1)).toEqual([])
  for (const id of ids) await clear(id)
})

test('who has lost the claim of a file changes nothing of it, nor of its recording', async () => {
  const id = await addCaptured(0)
  const late = storeOf('one')
  const claim = one(await late.claim([], 10))
  await kept.endLeases()
  const mine = one(await storeOf('two').claim([], 10))
  const before = await rowOf(id, 'file')
  await late.ready(claim, made)
  await late.done(claim, made)
  await late.retry(claim, 'no such file', 60_000)
  await late.release(claim)
  await late.failed(claim, 'it does not work', 'render-failed')
  expect(await rowOf(id, 'file')).toEqual(before)
  expect(await kept.find(id)).toMatchObject({ state: 'processing', error: null })
  expect(await stoppedEvents(id)).toEqual([])
  await storeOf('two').ready(mine, made)
  expect(await rowOf(id, 'file')).toMatchObject({ state: 'done', claimed_by: null, lease_until: null })
  await clear(id)
})

test.each(['done', 'retry', 'failed'] as const)('a chunk that is told as %s has nobody', async (outcome) => {
  const id = await addCaptured(1)
  const store = storeOf('one')
  const claim = one(await store.claim([], 10))
  await {
    done: () => store.done(claim, made),
    retry: () => store.retry(claim, 'no', 0),
    failed: () => store.failed(claim, 'no', 'render-failed'),
  }[outcome]()
  expect(await rowOf(id, '00000')).toMatchObject({ claimed_by: null, lease_until: null })
  await clear(id)
})

test.each([
  ['has failed', sql`state = 'failed'`],
  ['has been deleted', sql`deleted_at = now()`],
])(
  'the file of a recording that %s meanwhile makes nothing ready, and its failure is not told',
  async (_, change) => {
    for (const outcome of ['ready', 'failed'] as const) {
      const id = await addCaptured(0)
      const store = storeOf('one')
      const claim = one(await store.claim([], 10))
      await sql`update recordings set ${change} where id = ${id}`.execute(kept.database)
      const before = await kept.find(id)
      if (outcome === 'ready') await store.ready(claim, made)
      else await store.failed(claim, 'it does not work', 'render-failed')
      expect(await kept.find(id)).toEqual(before)
      expect(await stoppedEvents(id)).toEqual([])
      await clear(id)
    }
  },
)

test('the file comes when all of its chunks are there, and then before the chunks of others', async () => {
  const id = await addCaptured(2)
  const store = storeOf('one')
  const chunks = await store.claim([], 10)
  expect(namesOf(chunks).toSorted()).toEqual(['00000', '00001'])
  const [first, second] = chunks as [RenderClaim, RenderClaim]
  await store.done(first, made)
  expect((await kept.find(id))?.progress).toBeCloseTo(0.49, 2)
  expect(await store.claim([`${id}/${second.name}`], 10)).toEqual([])
  await store.done(second, made)
  const other = await addCaptured(1)
  const file = one(await store.claim([], 1))
  expect(file).toMatchObject({ recordingId: id, kind: 'file', untilMs: 60_000 })
  expect(await store.chunksOf(id)).toEqual(['00000', '00001'].map((name) => ({ name, durationMs: 30_000 })))
  await store.ready(file, { sizeBytes: 5_000, durationMs: 60_000 })
  expect(await kept.find(id)).toMatchObject({
    state: 'ready',
    progress: 1,
    size_bytes: '5000',
    duration_ms: '60000',
  })
  await store.ready(file, { sizeBytes: 6_000, durationMs: 60_000 })
  expect(await stoppedEvents(id)).toEqual([{ status: 'ready', error: null }])
  await clear(id)
  await clear(other)
})

test('what failed is not due before its pause is over, and what was given back is at once', async () => {
  const id = await addCaptured(1)
  const store = storeOf('one')
  await store.retry(one(await store.claim([], 10)), 'no such file', 60_000)
  expect(await store.claim([], 10)).toEqual([])
  await sql`update renders set next_at = now() where recording_id = ${id}`.execute(kept.database)
  const again = one(await store.claim([], 10))
  expect(again.tries).toBe(2)
  await store.release(again)
  expect(one(await storeOf('two').claim([], 10)).tries).toBe(2)
  await clear(id)
})

test('without a chunk there is no file: the recording has failed, and that is told once', async () => {
  const id = await addCaptured(2)
  const store = storeOf('one')
  const [first, second] = (await store.claim([], 10)) as [RenderClaim, RenderClaim]
  await store.failed(first, 'it does not work', 'render-failed')
  await store.failed(second, 'it does not work either', 'render-failed')
  expect(await kept.find(id)).toMatchObject({ state: 'failed', error: 'render-failed' })
  expect(await stoppedEvents(id)).toEqual([{ status: 'failed', error: 'render-failed' }])
  expect(await store.claim([], 10)).toEqual([])
  await clear(id)
})

test('what was asked for beside the file comes last, and its failure is not the recording’s', async () => {
  const id = await addCaptured(1)
  await sql`insert into renders (recording_id, name, kind, from_ms, until_ms, layout)
    values (${id}, 'RN_1', 'extra', 0, 1000, 'speaker')`.execute(kept.database)
  const store = storeOf('one')
  const chunk = one(await store.claim([], 1))
  expect(chunk.name).toBe('00000')
  const extra = one(await store.claim([`${id}/00000`], 10))
  expect(extra).toMatchObject({ name: 'RN_1', layout: 'speaker' })
  await store.failed(extra, 'it does not work', 'render-failed')
  expect(await kept.find(id)).toMatchObject({ state: 'processing', error: null })
  await clear(id)
})

test('nothing of a deleted recording is rendered on', async () => {
  const id = await addCaptured(1)
  const store = storeOf('one')
  const claim = one(await store.claim([], 10))
  await sql`update recordings set deleted_at = now(), state = 'failed' where id = ${id}`.execute(
    kept.database,
  )
  expect(await store.renew(claim, 0.5)).toBe(false)
  expect(await store.claim([], 10)).toEqual([])
  await clear(id)
})

test('nothing is claimed of a recording that is being deleted at this moment', async () => {
  const id = await addCaptured(1)
  const found = await kept.database.transaction().execute(async (deletion) => {
    await sql`select from recordings where id = ${id} for update`.execute(deletion)
    return storeOf('one').claim([], 10)
  })
  expect(found).toEqual([])
  expect(namesOf(await storeOf('one').claim([], 10))).toEqual(['00000'])
  await clear(id)
})
