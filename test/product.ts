import { randomBytes } from 'node:crypto'
import { type Client, createClient } from '@rtcstack/sdk'
import { eventually, type RunningServer, startServer } from '@rtcstack/testkit'
import { afterAll, beforeAll } from 'vitest'

/** A name that no other test uses. */
export const uniqueName = (prefix: string) => `${prefix}-${randomBytes(4).toString('hex')}`

/** A client that says what the server answered, and hides nothing by trying again. */
export const clientOf = (server: Pick<RunningServer, 'url' | 'apiSecret'>) =>
  createClient({ url: server.url, apiKey: server.apiSecret, retries: 0 })

/** The same for a participant with its own token. */
export const clientWithToken = (server: Pick<RunningServer, 'url'>, participantToken: string) =>
  createClient({ url: server.url, participantToken, retries: 0 })

/** One server for all tests of a file: there before the first, gone after the last. */
export function useServer(env: Record<string, string> = {}) {
  let server: RunningServer
  beforeAll(async () => {
    server = await startServer({ env })
  })
  afterAll(() => server?.stop())
  return {
    get server() {
      return server
    },
    get client() {
      return clientOf(server)
    },
    /** A token, and the address to connect to with it. */
    async token(roomId: string, userId: string, role: 'host' | 'moderator' | 'participant' | 'viewer') {
      return clientOf(server).tokens.create({ roomId, userId, name: `Name of ${userId}`, role })
    },
  }
}

/**
 * Resolves when a participant's media is connected and LiveKit has said so: before that it calls a removal a failed join.
 */
export async function untilActive(client: Client, room: string, identity: string): Promise<void> {
  await eventually(async () => {
    const { participants } = await client.participants.list(room)
    const active = participants.find((one) => one.identity === identity && one.state === 'ACTIVE')
    const { events } = await client.events.list({ roomId: room, types: 'participant_joined', limit: 100 })
    return events.some(({ id }) => id === `participant_joined:${active?.sid}`)
  })
}

/** What a promise of a refused request is refused with. */
export async function problemOf(
  promise: Promise<unknown>,
): Promise<{ status: number; slug: string; detail: string }> {
  const error = await promise.then(
    (value) => new Error(`the request was answered with ${JSON.stringify(value)}`),
    (reason: unknown) => reason,
  )
  const { status, slug, detail } = error as { status?: number; slug?: string; detail?: string }
  if (status === undefined || slug === undefined) throw error
  return { status, slug, detail: detail ?? '' }
}
