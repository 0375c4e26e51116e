import { type RawBuilder, sql } from 'kysely'

// Positions rise with the time of recording: bounds by the one are bounds by the other, and their index is the better one.

/** SQL of the first position that was recorded at a time or after it; null where there is none. */
export const firstSince = (time: Date): RawBuilder<unknown> =>
  sql`(select position from events where recorded_at >= ${time} order by recorded_at limit 1)`

/** SQL of the last position that was recorded before a time; null where there is none. */
export const lastBefore = (time: Date | RawBuilder<Date>): RawBuilder<unknown> =>
  sql`(select position from events where recorded_at < ${time} order by recorded_at desc limit 1)`
