import { setTimeout as pause } from 'node:timers/promises'
import type { Client } from '@rtcstack/sdk'
import { connectOverUdp } from './call.ts'

/** Below the time after which a comparison with LiveKit would find out what its webhook did not tell. */
const limitMs = 5000
const lookEveryMs = 100

/** One participant joins and leaves; LiveKit itself must have told the server so. Says that it did. */
export async function hearOfJoin(client: Client, room: string): Promise<string> {
  await connectOverUdp(client, room)
  const startedAt = performance.now()
  while (performance.now() - startedAt < limitMs) {
    const { events } = await client.events.list({ roomId: room, types: 'participant_joined' })
    const joined = events.find(({ type }) => type === 'participant_joined')
    if (joined && 'synthetic' in joined.data) break
    if (joined) return 'LiveKit tells this server what happens'
    await pause(lookEveryMs)
  }
  throw new Error('LiveKit did not tell this server of a participant who joined')
}
