import type { EventType } from '@rtcstack/sdk'

/** A webhook as LiveKit would post it, and the id of the event that must come of it. */
export interface LiveKitWebhook {
  body: string
  eventId: string
}

const typeOf = {
  room_started: 'room_created',
  participant_joined: 'participant_joined',
  track_published: 'track_published',
  participant_left: 'participant_left',
  room_finished: 'room_closed',
} as const satisfies Record<string, EventType>

/** What LiveKit would tell of a room from its beginning to its end, in order; sids and names are made of the number. */
export function roomLife(number: number): LiveKitWebhook[] {
  const nowMs = Date.now()
  const nowSeconds = `${Math.floor(nowMs / 1000)}`
  const room = {
    sid: `RM_life${number}`,
    name: `life ${number}`,
    creationTime: nowSeconds,
    creationTimeMs: `${nowMs}`,
  }
  // A track's webhook names its room and participant, and no more.
  const inShort = { sid: room.sid, name: room.name }
  const people = ['ada', 'bob'].map((identity) => ({
    sid: `PA_${identity}${number}`,
    identity,
    name: `Name of ${identity}`,
    state: 'ACTIVE',
    joinedAt: nowSeconds,
    joinedAtMs: `${nowMs}`,
  }))
  const tell = (event: keyof typeof typeOf, aboutSid: string, about: object): LiveKitWebhook => {
    const id = `EV_${event}_${aboutSid}`
    const body = JSON.stringify({ event, id, createdAt: nowSeconds, ...about })
    return { body, eventId: `${typeOf[event]}:${aboutSid}` }
  }
  return [
    tell('room_started', room.sid, { room }),
    ...people.flatMap((participant) => {
      const { sid, identity } = participant
      const track = { sid: `TR_${identity}${number}`, type: 'AUDIO', source: 'MICROPHONE' }
      return [
        tell('participant_joined', sid, { room, participant }),
        tell('track_published', track.sid, { room: inShort, participant: { sid, identity }, track }),
      ]
    }),
    ...people.map((participant) => tell('participant_left', participant.sid, { room, participant })),
    tell('room_finished', room.sid, { room }),
  ]
}
