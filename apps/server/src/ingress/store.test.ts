import { randomBytes } from 'node:crypto'
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { useDatabase } from '../database/testing.ts'
import { createIngressStore, findIngresses, forgetIngresses, type NewIngress } from './store.ts'

const db = useDatabase()
const limits = { total: 1_000, perRoom: 10 }

/** An endpoint in a room of its own. */
async function add(columns: Partial<NewIngress> = {}): Promise<NewIngress> {
  const id = `IN_${randomBytes(6).toString('hex')}`
  const ingress: NewIngress = {
    id,
    room: `room ${id}`,
    type: 'whip',
    identity: 'camera',
    name: 'Camera',
    keyDigest: randomBytes(32),
    sealedKey: randomBytes(60),
    inLiveKit: false,
    ...columns,
  }
  expect(await createIngressStore(db.database).insert(ingress, limits)).toMatchObject({ id })
  return ingress
}

test('an endpoint is found by the digest of its key until it is deleted', async () => {
  const store = createIngressStore(db.database)
  const { id, room, keyDigest } = await add()
  expect(await store.findByKey(keyDigest)).toMatchObject({ id, room })
  expect(await store.markDeleted('another room', id)).toBeUndefined()
  expect(await store.markDeleted(room, id)).toMatchObject({ id })
  expect(await store.findByKey(keyDigest)).toBeUndefined()
  expect(await store.markDeleted(room, id)).toBeUndefined()
})

test('an endpoint of LiveKit’s is none of ours: its key is not taken, and it is listed by itself', async () => {
  const store = createIngressStore(db.database)
  const { id, room, keyDigest } = await add({ inLiveKit: true })
  expect(await store.findByKey(keyDigest)).toBeUndefined()
  expect(await store.list({ room, inLiveKit: false })).toEqual([])
  expect(await store.list({ room, inLiveKit: true })).toMatchObject([{ id, inLiveKit: true }])
})

test('whether an endpoint was deleted is not said of one that never was', async () => {
  const store = createIngressStore(db.database)
  const { id, room } = await add()
  expect([await store.isDeleted(id), await store.isDeleted('IN_of_another')]).toEqual([false, false])
  await store.markDeleted(room, id)
  expect(await store.isDeleted(id)).toBe(true)
})

test('the identity of an endpoint that was deleted may be used again', async () => {
  const { id, room } = await add()
  await createIngressStore(db.database).markDeleted(room, id)
  await add({ room })
})

test('what is published by a deleted endpoint is to be cut until it has ended', async () => {
  const store = createIngressStore(db.database)
  const { id, room } = await add()
  const set = (columns: { participant_sid?: string; ended_at?: Date }) =>
    db.database.updateTable('ingresses').set(columns).where('id', '=', id).execute()
  const idsToCut = async () => (await store.listDeletedPublishing()).map((one) => one.id)
  await set({ participant_sid: 'PA_1' })
  expect(await idsToCut()).not.toContain(id)
  await store.markDeleted(room, id)
  expect(await idsToCut()).toContain(id)
  await set({ ended_at: new Date() })
  expect(await idsToCut()).not.toContain(id)
})

test('RTMP is taken while a worker with room for it has been heard of lately', async () => {
  const { hasRtmp } = createIngressStore(db.database)
  expect(await hasRtmp()).toBe(false)
  await sql`insert into workers (id, role, capacity) values ('a', 'record', 1), ('a', 'rtmp', 0)`.execute(
    db.database,
  )
  expect(await hasRtmp()).toBe(false)
  await sql`update workers set capacity = 1 where role = 'rtmp'`.execute(db.database)
  expect(await hasRtmp()).toBe(true)
  await sql`update workers set beat_at = now() - interval '1 minute'`.execute(db.database)
  expect(await hasRtmp()).toBe(false)
})

test('endpoints are forgotten a day after they were deleted, those of LiveKit’s not before it has deleted them', async () => {
  const [kept, fresh, old, undeleted] = [
    await add(),
    await add(),
    await add(),
    await add({ inLiveKit: true }),
  ]
  const store = createIngressStore(db.database)
  for (const { room, id } of [fresh, old, undeleted]) await store.markDeleted(room, id)
  await sql`update ingresses set deleted_at = now() - interval '25 hours' where id = any(${[old.id, undeleted.id]})`.execute(
    db.database,
  )
  expect(await forgetIngresses(db.database)).toBe(1)
  const ids = [kept, fresh, old, undeleted].map(({ id }) => id)
  expect((await findIngresses(db.database, ids)).map(({ id }) => id).toSorted()).toEqual(
    [kept.id, fresh.id, undeleted.id].toSorted(),
  )
})
