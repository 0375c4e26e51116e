import type { TapListener, TapParticipant, TapTrack } from '../listener.ts'
import type { TapPacket } from '../packet.ts'

export interface WitnessedTrack extends TapTrack {
  packets: number
  lostPackets: number
  /** Of the last packet. */
  last: TapPacket | undefined
  lastAtMs: number
}

/** Listens to a tap, keeps what it told, and notes whatever breaks a promise of TapListener. */
export interface Witness {
  readonly listener: TapListener
  /** Everything told but packets, in words: `joined ada`, `published camera of ada`, `left ada`, `connected`, … */
  readonly told: string[]
  /** Broken promises, in words; none is right. */
  readonly faults: string[]
  /** Tracks that are published now. */
  tracks(): WitnessedTrack[]
  /** The track of a participant and source that is published now; throws when there is none. */
  track(identity: string, source: string): WitnessedTrack
  /** Of all tracks so far. */
  readonly totals: { packets: number; lostPackets: number; gaps: number }
  readonly participants: ReadonlyMap<string, TapParticipant>
}

/** A witness that may also look at each packet. */
export function createWitness(
  look: (track: WitnessedTrack, packet: TapPacket) => void = () => undefined,
): Witness {
  const told: string[] = []
  const faults: string[] = []
  const participants = new Map<string, TapParticipant>()
  const tracks = new Map<string, WitnessedTrack>()
  const totals = { packets: 0, lostPackets: 0, gaps: 0 }
  let hasEnded = false

  const nameOf = (track: TapTrack) =>
    `${track.source} of ${participants.get(track.participantSid)?.identity ?? 'nobody'}`
  const demand = (isTrue: boolean, fault: string) => {
    if (!isTrue) faults.push(fault)
    if (hasEnded) faults.push(`${fault}: told after the end`)
  }
  const listener: TapListener = {
    connected: () => told.push('connected'),
    disconnected: () => told.push('disconnected'),
    ended: (reason) => {
      demand(!hasEnded, 'ended twice')
      told.push(`ended ${reason}`)
      hasEnded = true
    },
    participantJoined: (participant) => {
      demand(!participants.has(participant.sid), `${participant.identity} joined twice`)
      participants.set(participant.sid, participant)
      told.push(`joined ${participant.identity}`)
    },
    participantLeft: (sid) => {
      told.push(`left ${participants.get(sid)?.identity}`)
      demand(participants.delete(sid), `${sid} left without having joined`)
      for (const track of tracks.values())
        demand(track.participantSid !== sid, `${nameOf(track)} outlived them`)
    },
    trackPublished: (track) => {
      demand(participants.has(track.participantSid), `${track.sid} was published by nobody`)
      demand(!tracks.has(track.sid), `${nameOf(track)} was published twice`)
      tracks.set(track.sid, { ...track, packets: 0, lostPackets: 0, last: undefined, lastAtMs: 0 })
      told.push(`published ${nameOf(track)}`)
    },
    trackUpdated: (track) => {
      const known = tracks.get(track.sid)
      demand(known !== undefined, `${track.sid} changed without being published`)
      if (!known) return
      if (known.muted !== track.muted) told.push(`${track.muted ? 'muted' : 'unmuted'} ${nameOf(track)}`)
      Object.assign(known, track)
    },
    trackUnpublished: (sid) => {
      const known = tracks.get(sid)
      demand(known !== undefined, `${sid} was unpublished without being published`)
      if (known) told.push(`unpublished ${nameOf(known)}`)
      tracks.delete(sid)
    },
    speakersChanged: (sids) => {
      for (const sid of sids) demand(participants.has(sid), `${sid} speaks without being there`)
    },
    packet: (sid, packet) => {
      const track = tracks.get(sid)
      demand(track !== undefined, `a packet of the unknown ${sid}`)
      if (!track) return
      const { last } = track
      const name = nameOf(track)
      const next = (last?.sequence ?? -1) + 1
      demand(packet.sequence === next, `${name}: ${packet.sequence} came after ${last?.sequence}`)
      demand(packet.timestamp >= (last?.timestamp ?? 0), `${name}: time went back at ${packet.sequence}`)
      demand(packet.payload.length > 0, `${name}: ${packet.sequence} was empty`)
      track.packets++
      totals.packets++
      track.last = packet
      track.lastAtMs = performance.now()
      look(track, packet)
    },
    gap: (sid, { fromSequence, toSequence }) => {
      const track = tracks.get(sid)
      const next = (track?.last?.sequence ?? -1) + 1
      demand(
        fromSequence === next && toSequence >= fromSequence,
        `${sid}: a gap at ${fromSequence}, not ${next}`,
      )
      if (!track) return
      const lost = toSequence - fromSequence + 1
      track.lostPackets += lost
      totals.lostPackets += lost
      totals.gaps++
      if (track.last) track.last = { ...track.last, sequence: toSequence }
    },
  }
  return {
    listener,
    told,
    faults,
    participants,
    totals,
    tracks: () => [...tracks.values()],
    track: (identity, source) => {
      const name = `${source} of ${identity}`
      const found = [...tracks.values()].find((track) => nameOf(track) === name)
      if (!found) throw new Error(`there is no ${name}`)
      return found
    },
  }
}
