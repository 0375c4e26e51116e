import { AccessToken } from 'livekit-server-sdk'

/** A token outlives the pause between two of them, and a recorder that is on its own for a while. */
const lifetimeSeconds = 3_600
export const tokenEveryMs = 900_000

export interface RecorderTokenOptions {
  apiKey: string
  apiSecret: string
}

/** Makes tokens of recorders: hidden from all, with the grant by which clients see that the room is recorded. */
export const createRecorderTokens =
  ({ apiKey, apiSecret }: RecorderTokenOptions) =>
  (room: string, recordingId: string): Promise<string> => {
    const token = new AccessToken(apiKey, apiSecret, {
      // The same for every recorder of a recording: one takes the place of the one before.
      identity: `recorder-${recordingId}`,
      ttl: lifetimeSeconds,
    })
    token.addGrant({
      room,
      roomJoin: true,
      hidden: true,
      recorder: true,
      canPublish: false,
      canPublishData: false,
      canSubscribe: true,
    })
    return token.toJwt()
  }
