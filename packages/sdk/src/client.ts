import { createEvents } from './events.ts'
import { createHealth } from './health.ts'
import { createIngresses } from './ingress.ts'
import { createParticipants } from './participants.ts'
import { createRecordings } from './recordings.ts'
import { createRooms } from './rooms.ts'
import { createSessions } from './sessions.ts'
import { createFileOpener, createStreamOpener } from './streams.ts'
import { createTokens } from './tokens.ts'
import { type ClientOptions, createTransport } from './transport.ts'
import { createWebhooks } from './webhooks.ts'

/**
 * A client of one server, by its API key or by a participant's own token. Methods throw `ProblemError` for what the API
 * refuses, and `ConnectionError`, `TimeoutError` or `UnexpectedAnswerError` where it was not reached.
 */
export function createClient(options: ClientOptions) {
  const call = createTransport(options)
  return {
    health: createHealth(call),
    tokens: createTokens(call),
    rooms: createRooms(call),
    participants: createParticipants(call),
    recordings: createRecordings(call, createFileOpener(options)),
    ingress: createIngresses(call),
    webhooks: createWebhooks(call),
    events: createEvents(call, createStreamOpener(options)),
    sessions: createSessions(call),
  }
}

export type Client = ReturnType<typeof createClient>
