import { randomBytes } from 'node:crypto'
import { eventually } from '@rtcstack/testkit'
import { pino } from 'pino'
import { expect, test } from 'vitest'
import { useDatabase } from '../../database/testing.ts'
import { problems } from '../../http/problem.ts'
import { createIngressStore } from '../store.ts'
import { startIngressRemoval } from './removal.ts'
import { createUndeletedStore } from './store.ts'

const db = useDatabase()

test('what LiveKit could not be told of is deleted by a later sweep, and then let alone', async () => {
  const store = createIngressStore(db.database)
  const undeleted = createUndeletedStore(db.database)
  const add = (id: string) =>
    store.insert(
      {
        id,
        room: 'stage',
        type: 'rtmp',
        identity: id,
        name: 'Camera',
        keyDigest: randomBytes(32),
        sealedKey: randomBytes(60),
        inLiveKit: true,
      },
      { total: 10, perRoom: 10 },
    )
  await add('IN_deleted')
  await add('IN_there')
  await store.markDeleted('stage', 'IN_deleted')

  const asked: string[] = []
  let isAway = true
  const removal = startIngressRemoval({
    undeleted,
    engine: {
      delete: async (id) => {
        asked.push(id)
        if (isAway) throw problems.mediaServerUnavailable(new Error('away'))
      },
    },
    log: pino({ level: 'silent' }),
    sweepEveryMs: 20,
  })
  await expect(removal.remove('IN_deleted')).rejects.toMatchObject({ slug: 'media-server-unavailable' })
  await eventually(() => asked.length > 2)
  isAway = false
  await eventually(async () => (await undeleted.list()).length === 0)
  await removal.close()
  expect(new Set(asked)).toEqual(new Set(['IN_deleted']))
  expect(await store.list({ room: 'stage', inLiveKit: true })).toMatchObject([{ id: 'IN_there' }])
})
