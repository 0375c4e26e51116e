import {
  type CreateRoomRequest,
  createRoom,
  deleteRoom,
  getRoom,
  listRooms,
  type QueryOf,
} from '@rtcstack/contract'
import { allPages } from './pages.ts'
import type { Call, CallOptions } from './transport.ts'

type PageQuery = QueryOf<typeof listRooms>

export function createRooms(call: Call) {
  const list = (page: PageQuery = {}, options?: CallOptions) => call(listRooms, { query: page }, options)
  return {
    /** Creates a room, or gives the one that is there as it is. */
    create: (request: CreateRoomRequest, options?: CallOptions) =>
      call(createRoom, { body: request }, options),
    /** Active rooms by name: all, unless `limit` is given. */
    list,
    /** Active rooms one after the other, fetched in pages of `limit`. */
    all: ({ limit = 100, ...options }: CallOptions & { limit?: number } = {}) =>
      allPages(async (cursor) => {
        const { rooms, nextCursor } = await list({ limit, ...(cursor && { cursor }) }, options)
        return { items: rooms, nextCursor }
      }),
    get: (roomId: string, options?: CallOptions) => call(getRoom, { params: { roomId } }, options),
    /** Ends the call for everyone in it. */
    delete: (roomId: string, options?: CallOptions) => call(deleteRoom, { params: { roomId } }, options),
  }
}
