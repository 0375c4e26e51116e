import { randomUUID } from 'node:crypto'
import { type Caller, type Colour, joinCall, type RunningLiveKit, type ToneHz } from '@rtcstack/testkit'
import { AccessToken, RoomServiceClient, type VideoGrant } from 'livekit-server-sdk'

/** A room of its own on a LiveKit, and who may come into it. */
export interface Call {
  readonly url: string
  /** Of a hidden recorder. */
  recorderToken(): Promise<string>
  joins(identity: string, audio: ToneHz | false, video: Colour | false): Promise<Caller>
  mute(caller: Caller, isMuted: boolean): Promise<unknown>
  close(): Promise<void>
}

export function openCall({ url, apiKey, apiSecret }: RunningLiveKit): Call {
  const room = randomUUID()
  const rooms = new RoomServiceClient(url, apiKey, apiSecret)
  const token = (identity: string, grants: VideoGrant = {}, role?: string) => {
    const made = new AccessToken(apiKey, apiSecret, {
      identity,
      name: `${identity} of the test`,
      ...(role ? { attributes: { 'rtcstack.role': role } } : {}),
    })
    made.addGrant({ roomJoin: true, room, ...grants })
    return made.toJwt()
  }
  return {
    url,
    recorderToken: () =>
      token('recorder', { hidden: true, recorder: true, canPublish: false, canSubscribe: true }),
    joins: async (identity, audio, video) =>
      joinCall({ url, token: await token(identity, {}, 'host'), publish: { audio, video } }),
    mute: (caller, isMuted) =>
      rooms.mutePublishedTrack(room, caller.identity, caller.publishedTrackSid('audio'), isMuted),
    close: () => rooms.deleteRoom(room),
  }
}
