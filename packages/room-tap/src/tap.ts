import { wallClockMs } from './clock.ts'
import { guard } from './guard.ts'
import type { TapEnd, TapListener } from './listener.ts'
import { createMedia } from './media/media.ts'
import { openSession, type Session } from './session.ts'
import { type Departure, waitBeforeMs } from './signalling/departure.ts'
import { createRoomState } from './signalling/room-state.ts'
import type { TrackCounts } from './stream/track-stream.ts'

/** What a tap needs of a log; pino's has it. Names and identities are told at debug only. */
export interface TapLog {
  debug(fields: object, message: string): void
  warn(fields: object, message: string): void
}

export interface RoomTapOptions {
  /** Where LiveKit's signalling is: ws, wss, http or https. */
  url: string
  /** With hidden, recorder and canSubscribe. A function is asked at each connection; when it rejects, the tap has failed. */
  token: string | (() => Promise<string>)
  listener: TapListener
  log: TapLog
}

/** A hidden participant that takes all tracks of a room as they are sent. */
export interface RoomTap {
  /** Asks for a key frame of a video track, no more than twice a second, and again until it has come. */
  requestKeyFrame(trackSid: string): void
  requestKeyFrames(): void
  /** Leaves the room; `ended` has been called when this resolves. Again does nothing. */
  close(): Promise<void>
  /** Packets of each track that there is now. */
  stats(): { tracks: Record<string, TrackCounts> }
}

/** A stay shorter than this counts as a failure to get in. */
const shortStayMs = 5_000
/** Whose room has closed unnoticed makes a new one by coming back; callers of a LiveKit that restarted come back, too. */
const aloneLimitMs = 30_000

/** Joins a room and delivers its tracks until it is closed or LiveKit ends it for good; reconnects by itself. */
export function openRoomTap({ url, token, listener: told, log }: RoomTapOptions): RoomTap {
  const listener = guard(told, (error) => log.warn({ err: error }, 'the listener of a tap failed'))
  let session: Session | undefined
  let refreshedToken: string | undefined
  let waiting: NodeJS.Timeout | undefined
  let failures = 0
  let ending: Promise<void> | undefined
  let isInterrupted = false
  let roomSid: string | undefined
  let alone: NodeJS.Timeout | undefined

  const room = createRoomState(
    {
      participantJoined: (participant) => {
        clearTimeout(alone)
        listener.participantJoined(participant)
      },
      participantUpdated: (participant) => listener.participantUpdated?.(participant),
      participantLeft: listener.participantLeft,
      trackPublished: listener.trackPublished,
      trackUpdated: listener.trackUpdated,
      trackUnpublished: (sid) => {
        media.endTrack(sid)
        listener.trackUnpublished(sid)
      },
      speakersChanged: listener.speakersChanged,
    },
    () => session?.participantSid,
  )
  const media = createMedia({ listener, room, nowMs: wallClockMs })

  const interrupt = (reason: string) => {
    if (!isInterrupted) listener.disconnected?.(reason)
    isInterrupted = true
  }
  const finish = (reason: TapEnd, detail?: string) => {
    ending ??= (async () => {
      clearTimeout(waiting)
      clearTimeout(alone)
      await session?.close()
      media.close()
      listener.ended(reason, detail)
    })()
    return ending
  }
  const join = () => {
    const startedAtMs = wallClockMs()
    session = openSession({
      url,
      token: async () => (typeof token === 'string' ? (refreshedToken ?? token) : token()),
      room,
      media,
      log,
      listener: {
        joined: (joinedRoom) => {
          isInterrupted = false
          clearTimeout(alone)
          if (roomSid !== undefined && roomSid !== joinedRoom.sid && room.isEmpty)
            alone = setTimeout(() => finish('room-closed', 'nobody came back'), aloneLimitMs)
          roomSid = joinedRoom.sid
          listener.connected?.({ sid: joinedRoom.sid, name: joinedRoom.name })
        },
        interrupted: interrupt,
        tokenRefreshed: (refreshed) => {
          refreshedToken = refreshed
        },
        ended: (departure: Departure) => {
          if (ending) return
          if (departure.next === 'end') return void finish(departure.reason, departure.detail)
          interrupt(departure.detail)
          failures = wallClockMs() - startedAtMs < shortStayMs ? failures + 1 : 0
          waiting = setTimeout(join, waitBeforeMs(failures))
        },
      },
    })
  }
  waiting = setTimeout(join)

  return {
    requestKeyFrame: media.requestKeyFrame,
    requestKeyFrames: media.requestKeyFrames,
    close: () => finish('closed'),
    stats: () => ({ tracks: media.counts() }),
  }
}
