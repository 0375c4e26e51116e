import { eventually } from '@rtcstack/testkit'
import { sql } from 'kysely'
import { pino } from 'pino'
import { afterEach, expect, test } from 'vitest'
import { createAudit } from '../audit/audit.ts'
import { type RecordingRemoval, startRecordingRemoval } from './removal.ts'
import { useRecordings } from './testing.ts'

const kept = useRecordings()
let removal: RecordingRemoval | undefined
afterEach(async () => {
  await removal?.close()
  await kept.database.deleteFrom('recordings').execute()
})

/** A removal whose store does not let go of some keys. */
function remove(isHeld: (key: string) => boolean = () => false) {
  removal = startRecordingRemoval({
    database: kept.database,
    ledger: kept.ledger,
    blobs: {
      delete: async (key) => {
        if (isHeld(key)) throw new Error('this object is locked')
        await kept.blobs.delete(key)
      },
      deletePrefix: kept.blobs.deletePrefix,
    },
    audit: createAudit(kept.database),
    claimant: 'one removal',
    log: pino({ level: 'silent' }),
  })
  return removal
}

const addReady = (key: string) =>
  kept.add({
    state: 'ready',
    key,
    started_at: '2026-01-01',
    ended_at: '2026-01-02',
    captured_at: '2026-01-02',
  })
const allOf = () => kept.database.selectFrom('recordings').select('key').execute()

test('more recordings than are claimed at once go in one go', async () => {
  const ids = await Promise.all(Array.from({ length: 25 }, (_, index) => addReady(`a/${index}.mp4`)))
  const [first = '', ...others] = ids
  await kept.database
    .updateTable('recordings')
    .set({ deleted_at: new Date() })
    .where('id', 'in', others)
    .execute()
  await remove().remove(first)
  await eventually(async () => (await allOf()).length === 0)
})

test('recordings that the store does not let go of are in nobody’s way', async () => {
  const held = await Promise.all(Array.from({ length: 12 }, (_, index) => addReady(`locked/${index}.mp4`)))
  await kept.database
    .updateTable('recordings')
    .set({ deleted_at: new Date(0) })
    .where('id', 'in', held)
    .execute()
  const removing = remove((key) => key.startsWith('locked/'))
  for (const key of ['a/1.mp4', 'a/2.mp4']) await removing.remove(await addReady(key))
  await eventually(async () => (await allOf()).length === held.length)
})

test('what somebody may still store something of is removed when nobody holds it any more', async () => {
  const soon = new Date(Date.now() + 60_000).toISOString()
  const captured = await addReady('a/captured.mp4')
  const rendered = await addReady('a/rendered.mp4')
  await sql`update recordings set claimed_by = 'recorder', lease_until = ${soon} where id = ${captured}`.execute(
    kept.database,
  )
  await sql`
    insert into renders (recording_id, name, kind, from_ms, until_ms, layout, claimed_by, lease_until)
    values (${rendered}, '00000', 'chunk', 0, 1000, 'grid', 'renderer', ${soon})`.execute(kept.database)
  const removing = remove()
  for (const id of [captured, rendered]) await removing.remove(id)
  await removing.remove(await addReady('a/free.mp4'))
  await eventually(async () => {
    const left = (await allOf()).map(({ key }) => key)
    expect(left.sort()).toEqual(['a/captured.mp4', 'a/rendered.mp4'])
  })
  await kept.endLeases()
  await removing.remove(await addReady('a/free.mp4'))
  await eventually(async () => (await allOf()).length === 0)
})
