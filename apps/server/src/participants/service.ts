import type { ParticipantInfo, Room } from '@rtcstack/contract'
import type { BanService } from '../bans/service.ts'
import { ignoreNotFound, problems } from '../http/problem.ts'
import type { LiveKit } from '../livekit/client.ts'
import { type Observation, presenceOf } from '../sessions/observation.ts'
import type { SessionTracker } from '../sessions/tracker.ts'

interface ParticipantServiceOptions {
  livekit: Pick<LiveKit, 'listRooms' | 'listParticipants' | 'removeParticipant' | 'muteTrack'>
  sessions: Pick<SessionTracker, 'observe'>
  bans: Pick<BanService, 'kick'>
}

/** Who is in a room, and moderation. `participantId` is an identity or a PA_… sid. */
export function createParticipantService({ livekit, bans, sessions }: ParticipantServiceOptions) {
  async function find(room: string, participantId: string): Promise<ParticipantInfo> {
    const participants = await livekit.listParticipants(room)
    const found =
      participants.find((one) => one.identity === participantId) ??
      participants.find((one) => one.sid === participantId)
    if (!found) throw problems.participantNotFound()
    return found
  }

  return {
    /** Participants ordered by identity, without our helpers; none for an unknown room. */
    async list(room: string): Promise<ParticipantInfo[]> {
      return (await livekit.listParticipants(room)).sort((a, b) => (a.identity < b.identity ? -1 : 1))
    },

    /** Voids the participant's tokens first, so that it cannot come back between, then disconnects it and records that. */
    async kick(room: string, participantId: string, banSeconds: number): Promise<void> {
      const [participant, [info]] = await Promise.all([find(room, participantId), livekit.listRooms([room])])
      const { identity } = participant
      await bans.kick({ room, identity }, banSeconds)
      await livekit.removeParticipant(room, identity).catch(ignoreNotFound)
      // Who is not active yet has not joined, for LiveKit and so for the ledger.
      if (info && participant.state === 'ACTIVE') await sessions.observe(departure(info, participant))
    },

    /** Mutes a track. It is looked up first: LiveKit would wait for its time-out on an unknown one. */
    async mute(room: string, participantId: string, trackSid: string): Promise<void> {
      const { identity, tracks } = await find(room, participantId)
      const track = tracks.find((one) => one.sid === trackSid)
      if (!track) throw problems.trackNotFound()
      if (!track.muted) await livekit.muteTrack(room, identity, trackSid)
    },
  }
}

export type ParticipantService = ReturnType<typeof createParticipantService>

function departure(room: Room, participant: ParticipantInfo): Observation[] {
  const seen = { origin: 'api', at: new Date(), room } as const
  const removed = { ...participant, disconnectReason: 'PARTICIPANT_REMOVED' } as ParticipantInfo
  return [
    ...presenceOf(seen, participant),
    { ...seen, kind: 'participant-left', participant: removed, helper: false },
  ]
}
