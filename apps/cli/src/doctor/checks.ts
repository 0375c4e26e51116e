import { randomBytes } from 'node:crypto'
import { type Client, createClient } from '@rtcstack/sdk'
import type { Context } from '../context.ts'
import { callWithMedia, connectOverUdp } from './call.ts'
import { hearOfJoin } from './events.ts'
import { recordCall } from './recording.ts'

/** One thing that a call needs. */
export interface Check {
  name: string
  /** Which setting to change when it fails. */
  advice: string
  /** What was found; throws what is wrong, and `NotTriedError` where it cannot be tried. */
  run: () => Promise<string>
}

/** What a check takes is not there, and calls go on without it. */
export class NotTriedError extends Error {
  override name = 'NotTriedError'
}

interface Readiness {
  checks: Record<string, { ok: boolean; detail: string }>
}

const doctorToken = { roomId: 'doctor', userId: 'doctor', name: 'doctor', role: 'viewer' } as const

/** Every check, each building on the ones before. */
export function checksOf(context: Context): Check[] {
  const { url, fetch } = context
  const partOf = async (name: string) => {
    const answer = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(5000) })
    return ((await answer.json()) as Readiness).checks[name]
  }
  const part = async (name: string) => {
    const check = await partOf(name)
    if (!check?.ok) throw new Error(check?.detail ?? `/readyz says nothing of ${name}`)
    return check.detail
  }
  return [
    {
      name: 'API',
      advice: 'Start the server (npm start), or set --url or RTCSTACK_URL to where it listens (HOST, PORT).',
      run: async () => `version ${(await createClient({ url, fetch }).health.get()).version} at ${url}`,
    },
    {
      name: 'key',
      advice: 'Set API_SECRET or --api-key to the key of this server.',
      run: async () => {
        // A token needs the key and changes nothing.
        await context
          .client()
          .tokens.create({ roomId: 'doctor', userId: 'doctor', name: 'doctor', role: 'viewer' })
        return 'accepted'
      },
    },
    {
      name: 'database',
      advice:
        'Look at DATABASE_URL; for the managed one, at the space and rights of DATA_DIR and at the server’s log.',
      run: () => part('database'),
    },
    {
      name: 'LiveKit',
      advice:
        'Look at LIVEKIT_URL, LIVEKIT_API_KEY and LIVEKIT_API_SECRET; for the managed one, at the server’s log.',
      run: () => part('livekit'),
    },
    {
      name: 'signalling',
      advice:
        'Set PUBLIC_URL to the address that clients reach this server at; a proxy in front must pass websockets to /rtc.',
      run: async () => {
        const { token, url } = await context.client().tokens.create(doctorToken)
        const address = new URL('/rtc/validate', url.replace(/^ws/, 'http'))
        const answer = await fetch(address, {
          headers: { authorization: `Bearer ${token}` },
          signal: AbortSignal.timeout(5000),
        })
        if (!answer.ok) throw new Error(`${address.origin} answered ${answer.status}`)
        return `LiveKit takes a token at ${url}`
      },
    },
    {
      name: 'UDP',
      advice:
        'Open LIVEKIT_UDP_PORT in the firewall, and set LIVEKIT_NODE_IP to the address that clients reach.',
      run: () => inOwnRoom(context.client(), connectOverUdp),
    },
    {
      name: 'events',
      advice:
        'Let LiveKit post its webhooks to /internal/livekit of this server, signed with LIVEKIT_API_KEY; without them events are found out up to 15 s late.',
      run: () => inOwnRoom(context.client(), hearOfJoin),
    },
    {
      name: 'call',
      advice:
        'Media does not flow though connections come to be: look at the server’s log, and at the load of the machine.',
      run: () =>
        inOwnRoom(context.client(), (client, room) =>
          callWithMedia(client, room, async () => 'audio and video decoded between two participants'),
        ),
    },
    {
      name: 'storage',
      advice:
        'Look at MINIO_ENDPOINT and the settings beside it; for the disk, at the space and rights of DATA_DIR. Calls go on without it.',
      run: () => part('storage'),
    },
    {
      name: 'recording',
      advice: 'Look at the server’s log, which names the recording, and at docs/guides/recording.md.',
      run: async () => {
        const rendering = await partOf('rendering')
        if (!rendering?.ok) throw new NotTriedError(rendering?.detail ?? 'this server does not record')
        return inOwnRoom(context.client(), (client, room) => recordCall(client, room, fileSize(context)))
      },
    },
  ]
}

async function inOwnRoom<T>(client: Client, run: (client: Client, room: string) => Promise<T>): Promise<T> {
  const room = `doctor-${randomBytes(6).toString('hex')}`
  try {
    return await run(client, room)
  } finally {
    await client.rooms.delete(room).catch(() => undefined)
  }
}

const fileSize =
  ({ url, apiKey, fetch }: Context) =>
  async (recordingId: string): Promise<number> => {
    const answer = await fetch(`${url}/v1/recordings/${recordingId}/file`, {
      method: 'HEAD',
      headers: { 'x-api-key': apiKey },
      signal: AbortSignal.timeout(5000),
    })
    if (!answer.ok) throw new Error(`the file of the recording was answered with ${answer.status}`)
    return Number(answer.headers.get('content-length'))
  }
