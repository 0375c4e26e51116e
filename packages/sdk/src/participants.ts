import {
  listParticipants,
  type MuteRequest,
  muteParticipant,
  type QueryOf,
  removeParticipant,
} from '@rtcstack/contract'
import { allPages } from './pages.ts'
import type { Call, CallOptions } from './transport.ts'

type PageQuery = QueryOf<typeof listParticipants>

/** How a removal goes on after it. */
export interface RemoveOptions extends CallOptions {
  /** Seconds during which new tokens are refused too. */
  banSeconds?: number | 'forever'
}

/** `participantId` is an identity or a PA_… sid. */
export function createParticipants(call: Call) {
  const list = (roomId: string, page: PageQuery = {}, options?: CallOptions) =>
    call(listParticipants, { params: { roomId }, query: page }, options)
  return {
    /** Who is in a room, by identity: all, unless `limit` is given. */
    list,
    /** Who is in a room, one after the other, fetched in pages of `limit`. */
    all: (roomId: string, { limit = 100, ...options }: CallOptions & { limit?: number } = {}) =>
      allPages(async (cursor) => {
        const { participants, nextCursor } = await list(roomId, { limit, ...(cursor && { cursor }) }, options)
        return { items: participants, nextCursor }
      }),
    /** Kicks: the participant is out, and every token it holds is void. */
    remove: (roomId: string, participantId: string, { banSeconds, ...options }: RemoveOptions = {}) =>
      call(
        removeParticipant,
        {
          params: { roomId, participantId },
          query: banSeconds === undefined ? {} : { banSeconds: String(banSeconds) },
        },
        options,
      ),
    /** Mutes a track for everyone; its owner may unmute it. */
    mute: (roomId: string, participantId: string, request: MuteRequest, options?: CallOptions) =>
      call(muteParticipant, { params: { roomId, participantId }, body: request }, options),
  }
}
