import { setTimeout as pause } from 'node:timers/promises'
import type { Logger } from 'pino'
import { createWakeable } from '../process/wakeable.ts'
import type { Deliver } from './deliver.ts'
import type { Claimed, QueueStore, Result, Wanted } from './queue-store.ts'
import { pauseBeforeNext } from './schedule.ts'

const maxInFlight = 64
/**
 * Places of each endpoint, and of all of its standing together. One that answers gets what there is; one that is new,
 * or was slow, gets little until it answers, so that many that hang leave places to the others.
 */
const shares = { good: { each: 8, all: 64 }, new: { each: 2, all: 32 }, slow: { each: 2, all: 16 } }
type Standing = keyof typeof shares
/** An answer that took longer is slow, as is none. */
const slowMs = 5000
/** A delivery that cannot be signed waits for the operator to bring the key back. */
const putOffMs = 60_000
/** Nothing more is sent while so many results cannot be recorded. */
const maxUnrecorded = 1000
const lookEveryMs = 1000
const lastWaitMs = 10_000
/** Results are recorded together with those that come so soon after: an event's deliveries mostly end together. */
const gatherMs = 5

interface DispatcherOptions {
  queue: QueueStore
  deliver: Deliver
  /** Seconds before each further attempt. */
  schedule: readonly number[]
  random: () => number
  log: Logger
}

/**
 * Delivers what is due. Which endpoints may have something due is told by `wake`, and looked up every second; each
 * gets a few places at a time, in turn, so that those that are slow leave places to the others.
 */
export function createDispatcher({ queue, deliver, schedule, random, log }: DispatcherOptions) {
  const ready = new Set<string>()
  const standings = new Map<string, Standing>()
  const inFlight = new Map<Claimed, Promise<void>>()
  const countOf = new Map<string, number>()
  let results: Result[] = []
  let closing = false

  const onError = (error: unknown) => log.warn({ err: error }, 'webhook deliveries wait for the database')
  const claiming = createWakeable(claim, { everyMs: lookEveryMs * 10, onError })
  const looking = createWakeable(look, { everyMs: lookEveryMs, onError })
  const recording = createWakeable(record, { everyMs: lookEveryMs, onError })
  const standingOf = (webhookId: string): Standing => standings.get(webhookId) ?? 'new'

  async function look(): Promise<void> {
    for (const webhookId of await queue.due()) ready.add(webhookId)
    if (ready.size > 0) claiming.wake()
  }

  async function claim(): Promise<void> {
    for (let wanted = choose(); wanted.length > 0 && !closing; wanted = choose()) {
      const claimed = await queue.claim(wanted)
      for (const one of claimed) start(one)
      const got = Object.groupBy(claimed, ({ webhookId }) => webhookId)
      for (const { webhookId, count } of wanted) {
        // Who got less than asked for has nothing more that is due now.
        if (got[webhookId]?.length === count) ready.add(webhookId)
        // And is forgotten, lest those that were deleted be known for ever.
        else if (!countOf.has(webhookId)) standings.delete(webhookId)
      }
    }
  }

  /** Takes endpoints with free places out of those that are ready: a wake during the claim puts them back. */
  function choose(): Wanted[] {
    const taken = { good: 0, new: 0, slow: 0 }
    for (const [webhookId, count] of countOf) taken[standingOf(webhookId)] += count
    let places = results.length > maxUnrecorded ? 0 : maxInFlight - inFlight.size
    const wanted: Wanted[] = []
    for (const webhookId of ready) {
      if (places <= 0) break
      const standing = standingOf(webhookId)
      const { each, all } = shares[standing]
      const count = Math.min(places, each - (countOf.get(webhookId) ?? 0), all - taken[standing])
      if (count <= 0) continue
      ready.delete(webhookId)
      places -= count
      taken[standing] += count
      wanted.push({ webhookId, count })
    }
    return wanted
  }

  function start(claimed: Claimed): void {
    const { webhookId } = claimed
    countOf.set(webhookId, (countOf.get(webhookId) ?? 0) + 1)
    const running = deliver(claimed).then(({ attempt, retryAfterSeconds }) => {
      inFlight.delete(claimed)
      const left = (countOf.get(webhookId) ?? 1) - 1
      if (left === 0) countOf.delete(webhookId)
      else countOf.set(webhookId, left)
      if (attempt.durationMs > slowMs) standings.set(webhookId, 'slow')
      else if (attempt.statusCode !== null) standings.set(webhookId, 'good')
      results.push(conclude(claimed, attempt, retryAfterSeconds))
      recording.wake()
      if (ready.size > 0) claiming.wake()
    })
    inFlight.set(claimed, running)
  }

  function conclude(
    claimed: Claimed,
    attempt: Result['attempt'],
    retryAfterSeconds: number | undefined,
  ): Result {
    const { webhookId, position, url, tries } = claimed
    const frame = { webhookId, position, url, attempt }
    if (attempt.error === null) return { ...frame, outcome: 'delivered' }
    if (attempt.error === 'secret') {
      log.error({ webhookId }, 'the secret of a webhook cannot be opened: bring back its SECRETS_KEY')
      return { ...frame, outcome: { putOffMs } }
    }
    const retryInMs = pauseBeforeNext(schedule, tries, retryAfterSeconds, random)
    return { ...frame, outcome: retryInMs === undefined ? 'failed' : { retryInMs } }
  }

  async function record(): Promise<void> {
    while (results.length > 0) {
      if (!closing) await pause(gatherMs)
      const taken = results
      results = []
      await queue.complete(taken).catch((error) => {
        results = [...taken, ...results]
        throw error
      })
      if (ready.size > 0) claiming.wake()
    }
  }

  return {
    /** Says that an endpoint may have something due. */
    wake(webhookId: string): void {
      ready.add(webhookId)
      claiming.wake()
    },

    /** Looks at all endpoints, as when it is not known what was missed. */
    wakeAll: looking.wake,

    /** Claims no more, waits for what is under way, and gives the rest back. */
    async close(): Promise<void> {
      closing = true
      await Promise.all([looking.close(), claiming.close()])
      const finished = Promise.all(inFlight.values())
      await Promise.race([finished, new Promise((resolve) => setTimeout(resolve, lastWaitMs).unref())])
      await recording.close()
      await record().catch(onError)
      if (inFlight.size > 0) await queue.release([...inFlight.keys()]).catch(onError)
    },
  }
}
