import type { CreateRoomRequest, ParticipantInfo, Room } from '@rtcstack/contract'
import { RoomServiceClient, TwirpError } from 'livekit-server-sdk'
import { ProblemError, problems } from '../http/problem.ts'
import { isHelper, toParticipant, toRoom } from './convert.ts'

const deadlineSeconds = 5

export interface LiveKitOptions {
  /** http(s) or ws(s) address of the server. */
  url: string
  apiKey: string
  apiSecret: string
}

/** What the API asks LiveKit; every call ends within 5 seconds, and fails with a problem only. */
export function createLiveKit({ url, apiKey, apiSecret }: LiveKitOptions) {
  const rooms = new RoomServiceClient(url.replace(/^ws/, 'http'), apiKey, apiSecret, {
    requestTimeout: deadlineSeconds,
    failover: false,
  })

  /** Everyone in a room, with our helpers told apart; none for an unknown room. */
  const listEveryone = (room: string): Promise<{ participant: ParticipantInfo; helper: boolean }[]> =>
    asking(async () =>
      (await rooms.listParticipants(room)).map((one) => ({
        participant: toParticipant(one),
        helper: isHelper(one),
      })),
    )

  return {
    /** Active rooms, or those of the given names that are active. */
    listRooms: (names?: string[]): Promise<Room[]> =>
      asking(async () => (await rooms.listRooms(names)).map(toRoom)),

    createRoom: (request: CreateRoomRequest): Promise<Room> =>
      asking(async () => toRoom(await rooms.createRoom(request))),

    deleteRoom: (name: string): Promise<void> => asking(() => rooms.deleteRoom(name)),

    listEveryone,

    /** The same without the helpers. */
    listParticipants: async (room: string): Promise<ParticipantInfo[]> =>
      (await listEveryone(room)).filter(({ helper }) => !helper).map(({ participant }) => participant),

    removeParticipant: (room: string, identity: string): Promise<void> =>
      asking(() => rooms.removeParticipant(room, identity)),

    /** Mutes a published track; nobody is ever unmuted. */
    muteTrack: (room: string, identity: string, trackSid: string): Promise<void> =>
      asking(async () => {
        await rooms.mutePublishedTrack(room, identity, trackSid, true)
      }),
  }
}

export type LiveKit = ReturnType<typeof createLiveKit>

async function asking<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call()
  } catch (error) {
    throw problemOf(error)
  }
}

/** LiveKit's answers as ours: what is the caller's fault is told, everything else is LiveKit being away or refusing us. */
export function problemOf(error: unknown): ProblemError {
  if (!(error instanceof TwirpError)) return problems.mediaServerUnavailable(error)
  switch (error.code) {
    case 'not_found':
      return new ProblemError('not-found', 'LiveKit knows no such room, participant or track')
    case 'invalid_argument':
    case 'malformed':
    case 'out_of_range':
      return new ProblemError('bad-request', 'LiveKit does not accept a value of this request')
    case 'failed_precondition':
    case 'already_exists':
    case 'resource_exhausted':
      return new ProblemError('conflict', 'LiveKit cannot do this in the current state')
    case 'unauthenticated':
    case 'permission_denied':
      return problems.mediaServerRefused(error)
    default:
      return error.status === 401 || error.status === 403
        ? problems.mediaServerRefused(error)
        : problems.mediaServerUnavailable(error)
  }
}
