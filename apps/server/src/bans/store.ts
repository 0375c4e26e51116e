import { sql } from 'kysely'
import type { Database } from '../database/database.ts'
import type { Standing } from './standing.ts'

/** A participant of a room, by name. */
export interface Subject {
  room: string
  identity: string
}

/** How long a kick is remembered after it: longer than any token lives (24 h at most). */
const memoryHours = 25

/** Kicks and bans as rows: one for each identity of a room, with its last kick. */
export function createBanStore(database: Database) {
  return {
    /** The standing of each subject, in their order; undefined for those never kicked. */
    async find(subjects: Subject[]): Promise<(Standing | undefined)[]> {
      const { rows } = await sql<{ at: string; epoch: string; kicked_at: Date; banned_until: Date | number }>`
        select asked.at, bans.epoch, bans.kicked_at, bans.banned_until
        from unnest(${subjects.map((one) => one.room)}::text[], ${subjects.map((one) => one.identity)}::text[])
          with ordinality as asked (room, identity, at)
        join bans using (room, identity)`.execute(database)
      const found = new Map(rows.map((row) => [Number(row.at) - 1, toStanding(row)]))
      return subjects.map((_, index) => found.get(index))
    },

    /** Writes a kick. A longer ban that is in force stays. */
    async record({ room, identity }: Subject, banSeconds: number): Promise<void> {
      const until = Number.isFinite(banSeconds)
        ? sql`now() + make_interval(secs => ${banSeconds})`
        : sql`'infinity'::timestamptz`
      await sql`
        insert into bans (room, identity, banned_until) values (${room}, ${identity}, ${until})
        on conflict (room, identity) do update
          set epoch = nextval('ban_epochs'), kicked_at = now(),
              banned_until = greatest(bans.banned_until, excluded.banned_until)`.execute(database)
    },

    /** Rooms in which tokens from before a kick may still be held. */
    async rooms(): Promise<string[]> {
      const rows = await database.selectFrom('bans').select('room').distinct().execute()
      return rows.map((row) => row.room)
    },

    /** Forgets kicks whose tokens have all ended and whose ban is over. */
    async forget(): Promise<void> {
      await sql`
        delete from bans where banned_until < now() and kicked_at < now() - make_interval(hours => ${memoryHours})`.execute(
        database,
      )
    },
  }
}

export type BanStore = ReturnType<typeof createBanStore>

/** pg gives 'infinity' as the number Infinity. */
function toStanding(row: { epoch: string; kicked_at: Date; banned_until: Date | number }): Standing {
  return {
    epoch: Number(row.epoch),
    kickedAt: row.kicked_at,
    bannedUntil: row.banned_until instanceof Date ? row.banned_until : null,
  }
}
