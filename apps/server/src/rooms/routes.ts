import { createRoom, deleteRoom, getRoom, listRooms } from '@rtcstack/contract'
import { pageOf } from '../http/page.ts'
import { answer, type Route } from '../http/router.ts'
import { requirePermission } from '../tokens/permissions.ts'
import type { RoomService } from './service.ts'

export function registerRoomRoutes(route: Route, rooms: RoomService): void {
  route(createRoom, async ({ body }) => answer(201, await rooms.create(body)))

  route(listRooms, async ({ query }) => {
    const { items, nextCursor } = pageOf(await rooms.list(), (room) => room.name, query)
    return answer(200, { rooms: items, nextCursor })
  })

  route(getRoom, async ({ params }) => answer(200, await rooms.get(params.roomId)))

  route(deleteRoom, async ({ params, caller }) => {
    requirePermission(caller, 'endRoom', params.roomId)
    await rooms.remove(params.roomId)
    return answer(204)
  })
}
