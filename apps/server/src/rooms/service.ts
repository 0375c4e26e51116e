import type { CreateRoomRequest, Room } from '@rtcstack/contract'
import type { ExclusiveLock } from '../database/exclusive.ts'
import { problems } from '../http/problem.ts'
import type { LiveKit } from '../livekit/client.ts'

interface RoomServiceOptions {
  livekit: Pick<LiveKit, 'listRooms' | 'createRoom' | 'deleteRoom'>
  exclusive: ExclusiveLock
}

const maxMetadataBytes = 65_536

/** Rooms by name. LiveKit holds the truth about them, so nothing is kept here. */
export function createRoomService({ livekit, exclusive }: RoomServiceOptions) {
  const creating = new Map<string, Promise<Room>>()

  async function find(name: string): Promise<Room | undefined> {
    return (await livekit.listRooms([name])).find((room) => room.name === name)
  }

  /**
   * LiveKit would overwrite the options of a live room, so only one at a time may look and create. The look before the
   * lock keeps database connections free while LiveKit is away.
   */
  async function createOnce(request: CreateRoomRequest): Promise<Room> {
    const existing = await find(request.name)
    if (existing) return existing
    return exclusive(
      `room ${request.name}`,
      async () => (await find(request.name)) ?? livekit.createRoom(request),
    )
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
      if (!(await find(name))) throw problems.roomNotFound()
      await livekit.deleteRoom(name)
    },
  }
}

export type RoomService = ReturnType<typeof createRoomService>
