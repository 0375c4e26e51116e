import type { Timeline, TimelineParticipant, TimelineTrack } from '@rtcstack/contract'
import { type Clip, type Footage, footageOf } from './footage.ts'

/** `grid`: all alike. `screen`: what is shared is large, else a grid. `speaker`: it or who speaks is large. `single`: it or who speaks, alone. */
export type LayoutName = 'grid' | 'screen' | 'speaker' | 'single'

/** Where the picture of a tile comes from. */
export interface Picture {
  trackSid: string
  clips: Clip[]
  /** Frames before this are not to be shown: they are older than the last time the picture was off. */
  sinceMs: number
}

export interface Tile {
  participantSid: string
  name: string
  isScreen: boolean
  /** Null: no picture, so a placeholder. */
  picture: Picture | null
}

/** What stands on the canvas at one time. */
export interface Scene {
  isPaused: boolean
  /** The first tile is large and the others are a strip beside it. */
  hasStage: boolean
  tiles: Tile[]
}

/** More than these would be too small to see. */
export const maxTiles = 16
/** Who is loudest for less than this does not take the stage: a cough is no speech. */
const stageAfterMs = 1000

/** The scene of a recording at a time, for times in any order. */
export function createScenes(timeline: Timeline, layout: LayoutName): (atMs: number) => Scene {
  const tracksOf = Map.groupBy(
    timeline.tracks
      .filter((track) => track.kind === 'video')
      .map((track) => ({ ...track, footage: footageOf(track) })),
    (track) => track.participantSid,
  )
  const loudest = leaders(timeline)

  return (atMs) => {
    if (timeline.pauses.some((pause) => covers(pause, atMs)))
      return { isPaused: true, hasStage: false, tiles: [] }
    const present = timeline.participants
      .filter((participant) => covers(participant, atMs))
      // Those who were there before the recording keep their order, in which they came.
      .sort((one, other) => one.fromMs - other.fromMs)
    const heard = present.length > maxTiles || layout === 'speaker' || layout === 'single'
    const lastHeard = heard ? lastHeardBy(loudest, atMs) : new Map<string, number>()
    const shown = mostRecent(present, lastHeard)
    const tracks = (participant: TimelineParticipant) => tracksOf.get(participant.sid) ?? []
    const screens = shown.flatMap((participant) =>
      tracks(participant)
        .filter((track) => track.source === 'SCREEN_SHARE')
        .map((track) => tileOf(participant, track, atMs))
        .filter((tile) => tile.picture !== null),
    )
    const cameras = shown.map((participant) => {
      const candidates = tracks(participant)
        .filter((track) => track.source !== 'SCREEN_SHARE')
        .map((track) => tileOf(participant, track, atMs))
      return candidates.find((tile) => tile.picture) ?? tileOf(participant, undefined, atMs)
    })
    return arrange(layout, screens.slice(-1), cameras, lastHeard)
  }
}

function arrange(
  layout: LayoutName,
  screens: Tile[],
  cameras: Tile[],
  lastHeard: Map<string, number>,
): Scene {
  const screen = screens[0]
  const speaker = cameras.toSorted(
    (one, other) => (lastHeard.get(other.participantSid) ?? -1) - (lastHeard.get(one.participantSid) ?? -1),
  )[0]
  const large = layout === 'grid' ? undefined : (screen ?? (layout === 'screen' ? undefined : speaker))
  const scene = { isPaused: false, hasStage: false }
  if (!large) return { ...scene, tiles: layout === 'grid' ? [...screens, ...cameras] : cameras }
  if (layout === 'single') return { ...scene, tiles: [large] }
  const strip = cameras.filter((tile) => tile !== large)
  return { ...scene, hasStage: strip.length > 0, tiles: [large, ...strip] }
}

interface VideoTrack extends TimelineTrack {
  footage: Footage[]
}

function tileOf(participant: TimelineParticipant, track: VideoTrack | undefined, atMs: number): Tile {
  return {
    participantSid: participant.sid,
    name: participant.name || participant.identity,
    isScreen: track?.source === 'SCREEN_SHARE',
    picture: track ? pictureOf(track, atMs) : null,
  }
}

function pictureOf(track: VideoTrack, atMs: number): Picture | null {
  if (!covers(track, atMs) || track.muted.some((span) => covers(span, atMs))) return null
  const footage = track.footage.find((candidate) => covers(candidate, atMs))
  if (!footage) return null
  const unmutedAt = track.muted.map((span) => span.untilMs ?? 0).filter((untilMs) => untilMs <= atMs)
  const sinceMs = Math.max(footage.fromMs, ...unmutedAt)
  return { trackSid: track.sid, clips: footage.clips, sinceMs }
}

interface Leader {
  atMs: number
  sid: string
}

/** Who was loudest from when on, without those who were it too shortly, and without silence. */
function leaders(timeline: Timeline): Leader[] {
  return timeline.speakers.flatMap(({ atMs, sids }, index) => {
    const sid = sids[0]
    const next = timeline.speakers.slice(index + 1).find((entry) => entry.sids[0] !== sid)
    const isShort = next !== undefined && next.atMs - atMs < stageAfterMs
    return sid === undefined || isShort ? [] : [{ atMs, sid }]
  })
}

function lastHeardBy(loudest: Leader[], atMs: number): Map<string, number> {
  const last = new Map<string, number>()
  for (const leader of loudest) if (leader.atMs <= atMs) last.set(leader.sid, leader.atMs)
  return last
}

/** Those that fit, in their order: who was heard last, then who came last. */
function mostRecent(present: TimelineParticipant[], lastHeard: Map<string, number>): TimelineParticipant[] {
  if (present.length <= maxTiles) return present
  const heardAt = (participant: TimelineParticipant) => lastHeard.get(participant.sid) ?? -1
  const kept = new Set(
    present
      .toSorted((one, other) => heardAt(other) - heardAt(one) || other.fromMs - one.fromMs)
      .slice(0, maxTiles),
  )
  return present.filter((participant) => kept.has(participant))
}

/** Whether a span goes on at a time; its end is not in it. */
export const covers = (span: { fromMs: number; untilMs: number | null }, atMs: number) =>
  span.fromMs <= atMs && atMs < (span.untilMs ?? Number.POSITIVE_INFINITY)
