import { createHash, createHmac, randomBytes } from 'node:crypto'

/** What LiveKit posts about a room, in protojson. */
export interface LiveKitEvent {
  /** EV_…, equal over retries. */
  id: string
  event: string
  createdAt: string
  room: { sid: string; name: string }
  participant?: { sid: string; identity: string }
  track?: { sid: string }
}

/** A webhook as it goes over the wire. */
export interface SignedWebhook {
  headers: { authorization: string; 'content-type': string }
  body: string
}

const validSeconds = 300

/** Signs an event as LiveKit does: a JWT of its key that carries the hash of the body. */
export function signLiveKitWebhook(
  event: LiveKitEvent,
  { apiKey, apiSecret }: { apiKey: string; apiSecret: string },
): SignedWebhook {
  const body = JSON.stringify(event)
  const nowSeconds = Math.floor(Date.now() / 1000)
  const claims = {
    iss: apiKey,
    nbf: nowSeconds,
    exp: nowSeconds + validSeconds,
    sha256: createHash('sha256').update(body).digest('base64'),
  }
  const signed = [{ alg: 'HS256', typ: 'JWT' }, claims]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.')
  const signature = createHmac('sha256', apiSecret).update(signed).digest('base64url')
  return {
    headers: { authorization: `${signed}.${signature}`, 'content-type': 'application/webhook+json' },
    body,
  }
}

/**
 * What LiveKit tells of a call, in order: the room starts, each participant joins, publishes a track and leaves, and the
 * room ends. The sids are new.
 */
export function liveKitEventsOfCall(name: string, participants: number): LiveKitEvent[] {
  const room = { sid: sid('RM'), name, ...times('creationTime') }
  const people = Array.from({ length: participants }, (_, index) => ({
    sid: sid('PA'),
    identity: `user-${index}`,
    name: `User ${index}`,
    state: 'ACTIVE',
    ...times('joinedAt'),
  }))
  const of = (event: string, about: object = {}) => ({
    id: sid('EV'),
    event,
    createdAt: times('at').at as string,
    room,
    ...about,
  })
  return [
    of('room_started'),
    ...people.map((participant) => of('participant_joined', { participant })),
    ...people.map(({ sid: whose, identity }) =>
      of('track_published', {
        room: { sid: room.sid, name },
        participant: { sid: whose, identity },
        track: { sid: sid('TR'), type: 'AUDIO', source: 'MICROPHONE', mimeType: 'audio/opus' },
      }),
    ),
    ...people.map((participant) => of('participant_left', { participant })),
    of('room_finished'),
  ]
}

const typeOf: Record<string, string> = {
  room_started: 'room_created',
  room_finished: 'room_closed',
}

/** Id of the event of our ledger that one of LiveKit's leads to. */
export function ledgerIdOf({ event, room, participant, track }: LiveKitEvent): string {
  return `${typeOf[event] ?? event}:${(track ?? participant ?? room).sid}`
}

const sid = (prefix: string) => `${prefix}_${randomBytes(9).toString('base64url')}`

function times(name: string): Record<string, string> {
  const nowMs = Date.now()
  return { [name]: String(Math.floor(nowMs / 1000)), [`${name}Ms`]: String(nowMs) }
}
