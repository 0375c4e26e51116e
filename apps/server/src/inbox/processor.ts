import { WebhookEvent } from '@livekit/protocol'
import type { Logger } from 'pino'
import { isDatabaseAway } from '../database/away.ts'
import type { Database } from '../database/database.ts'
import type { Ledger } from '../events/ledger.ts'
import { createTurns } from '../events/turns.ts'
import { createWakeable } from '../process/wakeable.ts'
import type { Observation } from '../sessions/observation.ts'
import type { SessionTracker } from '../sessions/tracker.ts'
import { type KeptLetter, markProcessed, putAside, waitingLetters } from './store.ts'
import { toObservation } from './translate.ts'

const maxLetters = 200
const lookEveryMs = 1000

interface ProcessorOptions {
  database: Database
  ledger: Ledger
  tracker: SessionTracker
  log: Logger
  /** Told of observations after they are committed; what it makes of them is its own affair. */
  onObserved: (observations: Observation[]) => void
}

/** Makes the letters of the inbox into state and events: in their order, each once, in any process. */
export function createInboxProcessor({ database, ledger, tracker, log, onObserved }: ProcessorOptions) {
  const turns = createTurns(maxLetters)
  const wakeable = createWakeable(() => drain(), {
    everyMs: lookEveryMs,
    onError: (error) => log.warn({ err: error }, 'the inbox waits'),
  })

  const drain = () =>
    turns((size) =>
      processSome((transaction) => waitingLetters(transaction, size)).catch((error) => {
        if (!isOfLetter(error)) throw error
        return processOneByOne(size)
      }),
    )

  async function processSome(take: (transaction: Database) => Promise<KeptLetter[]>): Promise<number> {
    let observations: Observation[] = []
    const count = await ledger.write(async (writing) => {
      const letters = await take(writing.database)
      if (letters.length === 0) return 0
      observations = letters.flatMap((letter) => open(letter) ?? [])
      await tracker.observeWithin(writing, observations)
      const ids = letters.map(({ id }) => id)
      await markProcessed(writing.database, ids)
      return letters.length
    })
    if (observations.length > 0) onObserved(observations)
    return count
  }

  /** A letter that nothing can be made of must not hold up the others: it is put aside, and the log says so. */
  async function processOneByOne(limit: number): Promise<number> {
    const letters = await waitingLetters(database, limit)
    for (const letter of letters)
      await processSome(async () => [letter]).catch(async (error) => {
        if (!isOfLetter(error)) throw error
        log.error({ err: error, inboxId: letter.id }, 'a letter of the inbox is put aside')
        await putAside(database, letter.id, String(error))
      })
    return letters.length
  }

  return { wake: wakeable.wake, drain, close: wakeable.close }
}

/** Whether an error is about what is in a letter: values that cannot be kept, or a form that cannot be read. */
function isOfLetter(error: unknown): boolean {
  const { code } = error as { code?: unknown }
  return typeof code === 'string' ? /^2[23]/.test(code) : !isDatabaseAway(error)
}

/** What a letter says, where it is about rooms. */
function open({ body, receivedAt }: KeptLetter): Observation | undefined {
  return toObservation(WebhookEvent.fromJsonString(body, { ignoreUnknownFields: true }), receivedAt)
}
