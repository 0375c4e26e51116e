import { expect, test } from 'vitest'
import { useRecordings } from '../testing.ts'
import { createEgressStore } from './store.ts'

const kept = useRecordings()

test('a start that nobody waits for any more is not ordered, and an egress that was is followed', async () => {
  const ago = (seconds: number) => new Date(Date.now() - seconds * 1_000).toISOString()
  const [late, young, ordered] = [
    await kept.add({ created_at: ago(61) }),
    await kept.add({ created_at: ago(5) }),
    await kept.add({ created_at: ago(61), engine_id: 'EG_theirs' }),
  ]
  const store = createEgressStore(kept.database, kept.ledger, 'one')
  const claimed = await store.claim([], 10)
  const isGone = new Map(claimed.map((one) => [one.row.id, one.isGone]))
  expect([late, young, ordered].map((id) => isGone.get(id))).toEqual([true, false, false])
})
