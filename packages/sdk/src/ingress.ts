import {
  type CreateIngressRequest,
  createIngress,
  deleteIngress,
  listIngress,
  type QueryOf,
} from '@rtcstack/contract'
import { allPages } from './pages.ts'
import type { Call, CallOptions } from './transport.ts'

type PageQuery = QueryOf<typeof listIngress>

/** Endpoints that encoders and browsers publish to. */
export function createIngresses(call: Call) {
  const list = (roomId: string, page: PageQuery = {}, options?: CallOptions) =>
    call(listIngress, { params: { roomId }, query: page }, options)
  return {
    /** Makes an endpoint: publish to its `url` with its `streamKey`. By RTMP, unless `type` is `whip`. */
    create: (roomId: string, request: CreateIngressRequest = {}, options?: CallOptions) =>
      call(createIngress, { params: { roomId }, body: request }, options),
    /** The endpoints of a room with their states: all, unless `limit` is given. */
    list,
    /** The same one after the other, fetched in pages of `limit`. */
    all: (roomId: string, { limit = 100, ...options }: CallOptions & { limit?: number } = {}) =>
      allPages(async (cursor) => {
        const page = await list(roomId, { limit, ...(cursor && { cursor }) }, options)
        return { items: page.ingress, nextCursor: page.nextCursor }
      }),
    /** Refuses its key from now on, and cuts off who publishes. */
    delete: (roomId: string, ingressId: string, options?: CallOptions) =>
      call(deleteIngress, { params: { roomId, ingressId } }, options),
  }
}
