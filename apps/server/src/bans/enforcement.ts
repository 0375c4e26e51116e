import type { ParticipantInfo } from '@rtcstack/contract'
import type { Logger } from 'pino'
import { ignoreNotFound, ProblemError } from '../http/problem.ts'
import type { LiveKit } from '../livekit/client.ts'
import type { BanService } from './service.ts'
import { epochAttribute } from './standing.ts'
import type { BanStore } from './store.ts'

const sweepEveryMs = 10_000

interface EnforcementOptions {
  bans: Pick<BanService, 'check'>
  store: Pick<BanStore, 'rooms' | 'forget'>
  livekit: Pick<LiveKit, 'listRooms' | 'listParticipants' | 'removeParticipant'>
  log: Logger
}

/**
 * The second line behind the signalling proxy: who joins LiveKit by another way with a void token is removed, at once
 * by LiveKit's webhook, or by the next sweep where that was lost.
 */
export function createBanEnforcement({ bans, store, livekit, log }: EnforcementOptions) {
  let sweeping: Promise<void> = Promise.resolve()

  async function inspect(room: string, participant: ParticipantInfo): Promise<void> {
    const credential = {
      epoch: participant.attributes[epochAttribute],
      issuedAt: new Date(Number(participant.joinedAtMs)),
    }
    try {
      await bans.check({ room, identity: participant.identity }, credential)
    } catch (error) {
      if (!(error instanceof ProblemError) || error.slug !== 'participant-banned') throw error
      // LiveKit removes by identity: who came back meanwhile, with a good token, stays.
      const there = await livekit.listParticipants(room)
      if (!there.some(({ sid }) => sid === participant.sid)) return
      log.info({ participantSid: participant.sid }, 'removing a participant whose token is void')
      await livekit.removeParticipant(room, participant.identity).catch(ignoreNotFound)
    }
  }

  async function sweep(): Promise<void> {
    await store.forget()
    const suspects = new Set(await store.rooms())
    if (suspects.size === 0) return
    for (const room of (await livekit.listRooms()).filter(({ name }) => suspects.has(name)))
      for (const participant of await livekit.listParticipants(room.name))
        await inspect(room.name, participant)
  }

  const timer = setInterval(() => {
    sweeping = sweeping.then(sweep).catch((error) => log.debug({ err: error }, 'ban sweep put off'))
  }, sweepEveryMs)

  return {
    inspect,
    async close(): Promise<void> {
      clearInterval(timer)
      await sweeping
    },
  }
}

export type BanEnforcement = ReturnType<typeof createBanEnforcement>
