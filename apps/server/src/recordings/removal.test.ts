import { eventually } from '@rtcstack/testkit'
import { pino } from 'pino'
import { afterEach, test } from 'vitest'
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
