import type { Room } from '@rtcstack/contract'
import { sql } from 'kysely'
import type { Logger } from 'pino'
import type { Database } from '../database/database.ts'
import type { Ledger } from '../events/ledger.ts'
import { createTurns } from '../events/turns.ts'
import type { LiveKit } from '../livekit/client.ts'
import { createWakeable } from '../process/wakeable.ts'
import { compare, type Poll, type Recorded } from './compare.ts'
import type { Observation, SessionState } from './observation.ts'
import { findOpenSessions, findParticipants, findSessions } from './store.ts'
import type { SessionTracker } from './tracker.ts'

const everyMs = 10_000
const soonMs = 1000
/** A room whose number differs is asked for as if it had waited so much longer. */
const differenceMs = 60_000
const maxObservations = 200
/** So many rooms' participants are asked for in one round: those whose number differs, then who was not asked for longest. */
const roomsPerRound = 500
const parallel = 8

interface ReconcilerOptions {
  database: Database
  livekit: Pick<LiveKit, 'listRooms' | 'listEveryone'>
  ledger: Ledger
  tracker: Pick<SessionTracker, 'observeWithin'>
  /** Deals with what LiveKit has told us by now. */
  drainInbox: () => Promise<void>
  /** Whether this process is the one to do this. */
  leads: () => Promise<boolean>
  log: Logger
}

/**
 * Makes up for webhooks that LiveKit lost: when woken, every ten seconds, and each second while that fails, compares
 * what LiveKit says there is with the ledger, and adds what is missing.
 */
export function createReconciler(options: ReconcilerOptions) {
  const { database, ledger, livekit, tracker, drainInbox, leads, log } = options
  const askedAt = new Map<string, number>()
  const turns = createTurns(maxObservations)
  let retry: NodeJS.Timeout | undefined
  const wakeable = createWakeable(reconcile, {
    everyMs,
    onError: (error) => {
      log.warn({ err: error }, 'the ledger could not be compared with LiveKit')
      wakeSoon()
    },
  })
  function wakeSoon(): void {
    clearTimeout(retry)
    retry = setTimeout(wakeable.wake, soonMs)
  }

  async function reconcile(): Promise<void> {
    if (!(await leads())) return
    const poll = await ask()
    await drainInbox()
    const missing = compare(await recordedOf(database, poll), poll)
    if (missing.length === 0) return
    await record(missing)
    const kinds = Object.fromEntries(
      Object.entries(Object.groupBy(missing, ({ kind }) => kind)).map(([kind, some]) => [kind, some?.length]),
    )
    log.info(kinds, 'added to the ledger what LiveKit did not tell of')
  }

  /** Apart from what the API does, which would else wait for all of it. */
  async function record(missing: Observation[]): Promise<void> {
    let done = 0
    await turns(async (size) => {
      const some = missing.slice(done, done + size)
      await ledger.write((writing) => tracker.observeWithin(writing, some))
      done += some.length
      return some.length
    })
  }

  async function ask(): Promise<Poll> {
    const { rows } = await sql<{ now: Date }>`select clock_timestamp() as now`.execute(database)
    const begunAt = rows[0]?.now ?? new Date(0)
    const rooms = await livekit.listRooms()
    const chosen = choose(rooms, await findOpenSessions(database))
    const found = await inParallel(chosen, async ({ name }) => livekit.listEveryone(name))
    // A list is asked for by the room's name: it counts where the name meant the same room before and after.
    const after = chosen.length === 0 ? [] : await livekit.listRooms()
    const same = new Set(after.map(({ sid }) => sid))
    const participants = new Map(
      chosen.flatMap(({ sid }, index) => (same.has(sid) ? [[sid, found[index] ?? []] as const] : [])),
    )
    return { begunAt, rooms, participants }
  }

  function choose(rooms: Room[], sessions: SessionState[]): Room[] {
    const sids = new Set(rooms.map(({ sid }) => sid))
    for (const sid of askedAt.keys()) if (!sids.has(sid)) askedAt.delete(sid)
    const present = new Map(sessions.map((one) => [one.sid, one.present]))
    const differs = ({ sid, numParticipants }: Room) => present.get(sid) !== numParticipants
    // Not for ever first: a number may go on differing, by participants that are nobody for us.
    const rank = (room: Room) => (askedAt.get(room.sid) ?? 0) - (differs(room) ? differenceMs : 0)
    const ranked = rooms.toSorted((a, b) => rank(a) - rank(b))
    const chosen = ranked.slice(0, roomsPerRound)
    for (const { sid } of chosen) askedAt.set(sid, performance.now())
    if (ranked.slice(roomsPerRound).some(differs)) wakeSoon()
    return chosen
  }

  return {
    /** Compares soon, as after a gap. */
    wake: wakeable.wake,
    async close(): Promise<void> {
      clearTimeout(retry)
      await wakeable.close()
    },
  }
}

async function recordedOf(database: Database, poll: Poll): Promise<Recorded> {
  const open = await findOpenSessions(database)
  const known = new Set(open.map(({ sid }) => sid))
  const others = poll.rooms.map(({ sid }) => sid).filter((sid) => !known.has(sid))
  const there = [...poll.participants.values()].flat().map(({ participant }) => participant.sid)
  return {
    sessions: [...open, ...(await findSessions(database, others))],
    participants: await findParticipants(database, there, [...poll.participants.keys()]),
  }
}

/** Maps with so many calls at once; gives up at the first that fails. */
async function inParallel<T, R>(items: T[], map: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = []
  const entries = items.entries()
  const work = async () => {
    for (const [index, item] of entries) results[index] = await map(item)
  }
  await Promise.all(Array.from({ length: parallel }, work))
  return results
}
