import type { LedgerEvent } from '@rtcstack/sdk'
import { type ParticipantInfo, ParticipantInfo_State, type RoomServiceClient } from 'livekit-server-sdk'

/** A room that is open, who is in it and what they publish: names with their sids, in order. */
export interface OpenRoom {
  room: string
  participants: { participant: string; tracks: string[] }[]
}

/** The open rooms as LiveKit itself tells of them. */
export async function truthOf(livekit: RoomServiceClient): Promise<OpenRoom[]> {
  const rooms = await livekit.listRooms()
  const open = rooms.map(async ({ name, sid }) => ({
    room: `${name} ${sid}`,
    participants: (await livekit.listParticipants(name))
      .filter(isActive)
      .map(({ identity, sid, tracks }) => ({
        participant: `${identity} ${sid}`,
        tracks: tracks.map((track) => track.sid).sort(),
      })),
  }))
  return inOrder(await Promise.all(open))
}

const isActive = ({ state }: ParticipantInfo) => state === ParticipantInfo_State.ACTIVE

/** The open rooms as the events of a ledger add up to them, and what is wrong with the events in themselves. */
export function sumOf(events: LedgerEvent[]): { open: OpenRoom[]; faults: string[] } {
  const faults: string[] = []
  const sequences = new Map<string, number>()
  const ids = new Set<string>()
  const rooms = new Map<string, Map<string, string[]>>()
  for (const event of events) {
    const { id, roomId, sequence } = event
    const sayIf = (isWrong: boolean, what: string) => isWrong && faults.push(`${id} ${what}`)
    sayIf(ids.has(id), 'is there twice')
    sayIf(sequence !== (sequences.get(roomId) ?? 0) + 1, `is number ${sequence}`)
    ids.add(id)
    sequences.set(roomId, sequence)
    const [room, participant] = subjectOf(event)
    if (event.type === 'room_created') rooms.set(room, new Map())
    const there = rooms.get(room)
    sayIf(!there, 'is about a room that is not open')
    if (event.type === 'participant_joined') there?.set(participant, [])
    else if (participant) sayIf(!there?.has(participant), 'is about somebody who is not there')
    if (event.type === 'track_published') there?.get(participant)?.push(event.data.track.sid)
    if (event.type === 'participant_left') there?.delete(participant)
    if (event.type !== 'room_closed') continue
    sayIf(there?.size !== 0, 'leaves somebody behind')
    rooms.delete(room)
  }
  const open = [...rooms].map(([room, participants]) => ({
    room,
    participants: [...participants].map(([participant, tracks]) => ({ participant, tracks: tracks.sort() })),
  }))
  return { open: inOrder(open), faults }
}

function subjectOf({ data }: LedgerEvent): [room: string, participant: string] {
  const { room, participant } = data as {
    room: { name: string; sid: string }
    participant?: { identity: string; sid: string }
  }
  return [`${room.name} ${room.sid}`, participant ? `${participant.identity} ${participant.sid}` : '']
}

const inOrder = (rooms: OpenRoom[]): OpenRoom[] =>
  rooms
    .map(({ room, participants }) => ({
      room,
      participants: participants.toSorted((a, b) => (a.participant < b.participant ? -1 : 1)),
    }))
    .sort((a, b) => (a.room < b.room ? -1 : 1))
