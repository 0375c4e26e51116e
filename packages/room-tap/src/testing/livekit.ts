import { type RunningLiveKit, type StartLiveKitOptions, startLiveKit as start } from '@rtcstack/testkit'
import { AccessToken, RoomServiceClient, type VideoGrant } from 'livekit-server-sdk'

/** A livekit-server on loopback, with what its operator can do. */
export interface LiveKit extends RunningLiveKit {
  readonly rooms: RoomServiceClient
  token(identity: string, room: string, grants?: VideoGrant): Promise<string>
  /** Of a hidden recorder. */
  recorderToken(room: string): Promise<string>
}

/** Starts a livekit-server, which can be killed and started again at the same address. */
export async function startLiveKit(options: StartLiveKitOptions = {}): Promise<LiveKit> {
  const livekit = await start(options)
  const { url, apiKey, apiSecret } = livekit
  const token = (identity: string, room: string, grants: VideoGrant = {}) => {
    const made = new AccessToken(apiKey, apiSecret, { identity, name: identity })
    made.addGrant({ roomJoin: true, room, ...grants })
    return made.toJwt()
  }
  return {
    ...livekit,
    rooms: new RoomServiceClient(url, apiKey, apiSecret),
    token,
    recorderToken: (room) =>
      token('recorder', room, { hidden: true, recorder: true, canPublish: false, canSubscribe: true }),
  }
}
