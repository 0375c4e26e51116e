import { DisconnectReason, type Room, RoomEvent } from '@livekit/rtc-node'
import { within } from '../within.ts'
import { type ConnectOptions, connectRoom } from './connect.ts'
import { hearSilence, hearTone } from './hearing.ts'
import { type PublishedPattern, type PublishedTone, publishPattern, publishTone } from './publish.ts'
import { seePattern } from './seeing.ts'
import type { Kind } from './subscription.ts'
import type { ToneHz } from './tone.ts'
import type { Colour, ColourPattern } from './video-pattern.ts'

export interface JoinCallOptions extends ConnectOptions {
  /** What to publish; nothing that is not named. A colour alone is 320×180 at 15 frames a second. */
  publish?: { video?: Colour | ColourPattern | false; audio?: ToneHz | false }
}

/** Why a caller is no longer in the call, as LiveKit names it: PARTICIPANT_REMOVED, ROOM_DELETED, CLIENT_INITIATED … */
export type DisconnectCause = keyof typeof DisconnectReason

/** A real participant. Times to wait are 10 000 ms unless told. */
export interface Caller {
  readonly identity: string
  /** PA_… */
  readonly sid: string
  /** The room as rtc-node has it, for what this kit has no word for. Streams opened on it must be read or cancelled. */
  readonly room: Room
  /** TR_… of what it publishes; throws when it publishes none of that kind. */
  publishedTrackSid(kind: Kind): string
  /** Shows another colour or plays another tone from now on, on the tracks that it has. */
  changeTo(media: { colour?: Colour; toneHz?: ToneHz }): void
  /** Mutes or unmutes its own track. */
  setMuted(kind: Kind, isMuted: boolean): void
  /** Shares a screen of this colour until the result is called. */
  shareScreen(colour: Colour): Promise<() => Promise<void>>
  /** Resolves when the tone is in the audio decoded from a participant for 150 ms on end. */
  hears(identity: string, what: { toneHz: ToneHz; timeoutMs?: number }): Promise<void>
  /** Resolves when a participant that publishes audio was below −60 dB, or sent nothing, for `forMs` on end. */
  hearsSilence(identity: string, what: { forMs: number; timeoutMs?: number }): Promise<void>
  /** Resolves when the video decoded from a participant has the ground colour and, unless `moving` is false, its block moves. */
  sees(identity: string, what: { colour: Colour; moving?: boolean; timeoutMs?: number }): Promise<void>
  /** Resolves once, when it is out of the call by whoever's doing. */
  readonly disconnected: Promise<DisconnectCause>
  /** Calls back once, when it is out of the call. */
  onDisconnected(listener: (cause: DisconnectCause) => void): void
  /** Leaves the call within 4 s, whether LiveKit answers or not, and frees what it holds; again does nothing. */
  leave(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

const waitMs = 10_000
const leaveLimitMs = 3_000

/** Joins a call and publishes; rejects, and is out of the call again, when LiveKit refuses either. */
export async function joinCall({ publish = {}, ...connection }: JoinCallOptions): Promise<Caller> {
  const room = await connectRoom(connection)
  const participant = room.localParticipant
  if (!participant) throw new Error('rtc-node connected without a local participant')
  const out = Promise.withResolvers<DisconnectCause>()
  room.once(RoomEvent.Disconnected, (reason) => out.resolve(DisconnectReason[reason] as DisconnectCause))
  const media: { audio?: PublishedTone; video?: PublishedPattern; screen?: PublishedPattern } = {}
  let left: Promise<void> | undefined
  const leave = () => {
    left ??= (async () => {
      // rtc-node waits without end for a server that does not answer.
      await within(leaveLimitMs, 'leaving', () => room.disconnect()).catch(() => undefined)
      out.resolve('CLIENT_INITIATED')
      await Promise.all(Object.values(media).map(({ close }) => close()))
    })()
    return left
  }
  try {
    const { audio = false, video = false } = publish
    if (audio !== false) media.audio = await publishTone(participant, audio)
    if (video !== false)
      media.video = await publishPattern(participant, typeof video === 'string' ? { colour: video } : video)
  } catch (error) {
    await leave()
    throw error
  }
  const published = (kind: Kind) => {
    const found = media[kind]
    if (!found) throw new Error(`${participant.identity} publishes no ${kind}`)
    return found
  }
  return {
    identity: participant.identity,
    sid: participant.sid ?? '',
    room,
    publishedTrackSid: (kind) => published(kind).trackSid,
    changeTo: ({ colour, toneHz }) => {
      if (colour) media.video?.change(colour)
      if (toneHz) media.audio?.change(toneHz)
    },
    setMuted: (kind, isMuted) => published(kind).setMuted(isMuted),
    shareScreen: async (colour) => {
      const screen = await publishPattern(participant, { colour, widthPx: 640, heightPx: 360 }, 'screen')
      media.screen = screen
      return async () => {
        delete media.screen
        await participant.unpublishTrack(screen.trackSid)
        await screen.close()
      }
    },
    hears: (identity, what) => hearTone(room, identity, { timeoutMs: waitMs, ...what }),
    hearsSilence: (identity, what) => hearSilence(room, identity, { timeoutMs: waitMs, ...what }),
    sees: (identity, what) => seePattern(room, identity, { timeoutMs: waitMs, ...what }),
    disconnected: out.promise,
    onDisconnected: (listener) => void out.promise.then(listener),
    leave,
    [Symbol.asyncDispose]: leave,
  }
}
