import type { IngressType } from '@rtcstack/contract'
import { type RawBuilder, sql } from 'kysely'
import type { Database } from '../database/database.ts'
import { storableJson } from '../database/text.ts'
import { hasFreshBeat } from '../workers/presence.ts'
import { columns, type IngressRow } from './row.ts'

export interface NewIngress {
  id: string
  room: string
  type: IngressType
  identity: string
  name: string
  keyDigest: Buffer
  sealedKey: Buffer
  inLiveKit: boolean
}

/** Endpoints as rows. Where it is not said otherwise, what has been deleted is not there. */
export function createIngressStore(database: Database) {
  const existing = () => database.selectFrom('ingresses').select(columns).where('deleted_at', 'is', null)
  return {
    /** Those of a room that LiveKit's Ingress service has, or those whose streams come to us. */
    list: ({ room, inLiveKit }: { room: string; inLiveKit: boolean }): Promise<IngressRow[]> =>
      existing().where('room', '=', room).where('in_livekit', '=', inLiveKit).execute(),

    find: (id: string): Promise<IngressRow | undefined> => existing().where('id', '=', id).executeTakeFirst(),

    /** Of those whose streams come to us. */
    findByKey: (digest: Buffer): Promise<IngressRow | undefined> =>
      existing().where('key_digest', '=', digest).where('in_livekit', '=', false).executeTakeFirst(),

    /** Whether there was such an endpoint, and it was deleted. */
    async isDeleted(id: string): Promise<boolean> {
      const row = await database
        .selectFrom('ingresses')
        .select('deleted_at')
        .where('id', '=', id)
        .executeTakeFirst()
      return row?.deleted_at != null
    },

    /** Keeps an endpoint, unless there are so many already, or one of the room has its identity. */
    insert: (ingress: NewIngress, limits: { total: number; perRoom: number }) =>
      database.transaction().execute(async (transaction) => {
        // Two that count at once would both find a place.
        await sql`select pg_advisory_xact_lock(hashtextextended('rtcstack ingress', 0))`.execute(transaction)
        const { rows } = await sql<{ total: number; ofRoom: number; same: number }>`
          select count(*)::int as total, count(*) filter (where room = ${ingress.room})::int as "ofRoom",
            count(*) filter (where room = ${ingress.room} and identity = ${ingress.identity})::int as same
          from ingresses where deleted_at is null`.execute(transaction)
        const { total = 0, ofRoom = 0, same = 0 } = rows[0] ?? {}
        if (same > 0) return 'identity-taken'
        if (ofRoom >= limits.perRoom) return 'room-full'
        if (total >= limits.total) return 'full'
        return transaction
          .insertInto('ingresses')
          .values({
            id: ingress.id,
            room: ingress.room,
            type: ingress.type,
            identity: ingress.identity,
            name: ingress.name,
            key_digest: ingress.keyDigest,
            sealed_key: ingress.sealedKey,
            in_livekit: ingress.inLiveKit,
          })
          .returning(columns)
          .executeTakeFirstOrThrow()
      }),

    /** Marks an endpoint of a room as deleted; undefined where there is none. */
    markDeleted: (room: string, id: string): Promise<IngressRow | undefined> =>
      database
        .updateTable('ingresses')
        .set({ deleted_at: sql<Date>`now()`, updated_at: sql<Date>`now()` })
        .where('id', '=', id)
        .where('room', '=', room)
        .where('deleted_at', 'is', null)
        .returning(columns)
        .executeTakeFirst(),

    /** Endpoints that were deleted while something was published to them, which goes on. */
    listDeletedPublishing: (): Promise<IngressRow[]> =>
      database
        .selectFrom('ingresses')
        .select(columns)
        .where('deleted_at', 'is not', null)
        .where('participant_sid', 'is not', null)
        .where('ended_at', 'is', null)
        .execute(),

    /** Whether a living worker takes streams of RTMP. */
    async hasRtmp(): Promise<boolean> {
      const { rows } = await sql`
        select from workers where role = 'rtmp' and capacity > 0 and ${hasFreshBeat} limit 1`.execute(
        database,
      )
      return rows.length > 0
    },

    listSealed: (): Promise<{ id: string; sealedSecret: Buffer }[]> =>
      database
        .selectFrom('ingresses')
        .select(['id', 'sealed_key as sealedSecret'])
        .where('deleted_at', 'is', null)
        .execute(),

    /** Puts a key that was sealed anew in the place of what it was. */
    reseal: (id: string, before: Buffer, sealed: Buffer) =>
      database
        .updateTable('ingresses')
        .set({ sealed_key: sealed })
        .where('id', '=', id)
        .where('sealed_key', '=', before)
        .execute(),
  }
}

export type IngressStore = ReturnType<typeof createIngressStore>

/** Endpoints by id, those that were deleted too. */
export const findIngresses = (database: Database, ids: string[]): Promise<IngressRow[]> =>
  database.selectFrom('ingresses').select(columns).where('id', '=', sql<string>`any(${ids})`).execute()

/** The change that keeps what became of the streams of endpoints. */
export const changeOf = (rows: IngressRow[]): RawBuilder<unknown> => sql`
  update ingresses set participant_sid = row."participantSid", room_sid = row."roomSid",
    started_at = row."startedAt", ended_at = row."endedAt", tracks = row.tracks, error = row.error, updated_at = now()
  from jsonb_to_recordset(${storableJson(rows)}::jsonb) as row (
    id text, "participantSid" text, "roomSid" text, "startedAt" timestamptz, "endedAt" timestamptz,
    tracks jsonb, error text)
  where ingresses.id = row.id`

/** Forgets some endpoints that were deleted a day ago, by LiveKit too; gives how many. */
export async function forgetIngresses(database: Database): Promise<number> {
  const result = await sql`
    delete from ingresses where id in (
      select id from ingresses where deleted_at < now() - interval '1 day' and not in_livekit limit 1000)`.execute(
    database,
  )
  return Number(result.numAffectedRows ?? 0)
}
