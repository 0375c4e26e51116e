import { randomUUID } from 'node:crypto'
import { type Caller, joinCall, type RunningLiveKit, startLiveKit } from '@rtcstack/testkit'
import { AccessToken, RoomServiceClient } from 'livekit-server-sdk'
import { forkIntake, type IntakeOptions, type IntakeProcess } from './intake-process.ts'

/** A LiveKit with a room, an intake whose only key leads into it, and callers that watch. */
export interface Stage {
  readonly livekit: RunningLiveKit
  readonly intake: IntakeProcess
  readonly room: string
  readonly url: string
  readonly key: string
  join(): Promise<Caller>
  /** Identities in the room that come from the intake. */
  publishers(): Promise<string[]>
  [Symbol.asyncDispose](): Promise<void>
}

export const ingressId = 'IN_stage'
export const publisher = 'encoder'

export async function setStage(options: Partial<IntakeOptions> = {}): Promise<Stage> {
  const livekit = await startLiveKit()
  const room = randomUUID()
  const key = randomUUID()
  const sign = (identity: string, kind?: 'ingress') => {
    const { apiKey, apiSecret } = livekit
    const token = new AccessToken(apiKey, apiSecret, { identity, name: `${identity} by name` })
    if (kind) token.kind = kind
    token.addGrant({ roomJoin: true, room, canSubscribe: !kind })
    return token.toJwt()
  }
  const intake = await forkIntake({
    admit: async (app, given) =>
      app === 'live' && given === key
        ? {
            allowed: true,
            ingressId,
            whip: { url: `${livekit.url}/whip/v1`, token: await sign(publisher, 'ingress') },
          }
        : { allowed: false, reason: 'invalid stream key' },
    ...options,
  })
  const callers: Caller[] = []
  return {
    livekit,
    intake,
    room,
    key,
    url: `rtmp://127.0.0.1:${intake.port}/live/${key}`,
    async join() {
      const caller = await joinCall({ url: livekit.url, token: await sign(`caller-${callers.length}`) })
      callers.push(caller)
      return caller
    },
    async publishers() {
      const service = new RoomServiceClient(livekit.url, livekit.apiKey, livekit.apiSecret)
      const participants = await service.listParticipants(room).catch(() => [])
      return participants.map(({ identity }) => identity).filter((identity) => identity === publisher)
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(callers.map((caller) => caller.leave()))
      await intake[Symbol.asyncDispose]()
      await livekit.stop()
    },
  }
}
