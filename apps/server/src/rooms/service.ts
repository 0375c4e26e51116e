import type { CreateRoomRequest, Room } from '@rtcstack/contract'
import type { ExclusiveLock } from '../database/exclusive.ts'
import { problems } from '../http/problem.ts'
import type { LiveKit } from '../livekit/client.ts'
import { presenceOf } from '../sessions/observation.ts'
import type { SessionTracker } from '../sessions/tracker.ts'

interface RoomServiceOptions {
  sessions: Pick<SessionTracker, 'observe' | 'knows'>
  livekit: Pick<LiveKit, 'listRooms' | 'listParticipants' | 'createRoom' | 'deleteRoom'>
  exclusive: ExclusiveLock
  /** What goes on in a room ends with it. */
  onRemoved(room: string): Promise<void>
}

const maxMetadataBytes = 65_536

/**
 * Rooms by name. LiveKit holds the truth about them; what is answered for as created or closed is in the ledger first.
 */
export function createRoomService({ livekit, exclusive, sessions, onRemoved }: RoomServiceOptions) {
  const creating = new Map<string, Promise<Room>>()

  async function find(name: string): Promise<Room | undefined> {
    return (await livekit.listRooms([name])).find((room) => room.name === name)
  }

  /**
   * LiveKit would overwrite the options of a live room, so only one at a time may look and create. The look before the
   * lock keeps database connections free while LiveKit is away.
   */
  async function createOnce(request: CreateRoomRequest): Promise<Room> {
    const { name } = request
    const existing = await find(name)
    if (existing && (await sessions.knows(existing.sid))) return existing
    const room =
      existing ??
      (await exclusive(`room ${name}`, async () => (await find(name)) ?? livekit.createRoom(request)))
    // Also what another process made, which may have died before it was in the ledger.
    await sessions.observe([{ ...seen(room), kind: 'room-started' }])
    return room
  }

  return {
    /** Creates the room, or gives the one that is there as it is; those who ask at once for one name share the answer. */
    async create(request: CreateRoomRequest): Promise<Room> {
      if (Buffer.byteLength(request.metadata ?? '') > maxMetadataBytes)
        throw problems.invalid([{ pointer: '#/metadata', detail: 'must be at most 64 KiB' }])
      const { name } = request
      const promise = creating.get(name) ?? createOnce(request).finally(() => creating.delete(name))
      creating.set(name, promise)
      return promise
    },

    /** Active rooms, ordered by name. */
    async list(): Promise<Room[]> {
      return (await livekit.listRooms()).sort((a, b) => (a.name < b.name ? -1 : 1))
    },

    async get(name: string): Promise<Room> {
      const room = await find(name)
      if (!room) throw problems.roomNotFound()
      return room
    },

    /** Ends the room for everyone; throws `not-found` where there is none. */
    async remove(name: string): Promise<void> {
      const [room, participants] = await Promise.all([find(name), livekit.listParticipants(name)])
      if (!room) throw problems.roomNotFound()
      await livekit.deleteRoom(name)
      const there = participants.filter(({ state }) => state === 'ACTIVE')
      await sessions.observe([
        ...there.flatMap((participant) => presenceOf(seen(room), participant)),
        { ...seen(room), kind: 'room-finished' },
      ])
      await onRemoved(name)
    },
  }
}

export type RoomService = ReturnType<typeof createRoomService>

const seen = (room: Room) => ({ origin: 'api', at: new Date(), room }) as const
