import { randomBytes } from 'node:crypto'
import type { RunningLiveKit } from '@rtcstack/testkit'

/** The settings of a server that uses a LiveKit which it did not start. */
export const liveKitSettings = ({
  url,
  apiKey,
  apiSecret,
}: Pick<RunningLiveKit, 'url' | 'apiKey' | 'apiSecret'>) => ({
  LIVEKIT_URL: url,
  LIVEKIT_API_KEY: apiKey,
  LIVEKIT_API_SECRET: apiSecret,
})

/** The same, of servers that share it and a database. */
export const sharedSettings = (livekit: RunningLiveKit) => ({
  ...liveKitSettings(livekit),
  API_SECRET: randomBytes(32).toString('hex'),
  SECRETS_KEY: randomBytes(32).toString('hex'),
})
