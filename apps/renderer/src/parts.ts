import { access } from 'node:fs/promises'
import { resolve, sep } from 'node:path'
import type { Timeline, TimelinePart, TimelineSpan } from '@rtcstack/contract'
import { probe } from './ffmpeg.ts'

interface Sorted {
  timeline: Timeline
  unreadable: string[]
}

/** The timeline with only those parts that lie in a stretch, if only partly. */
export function partsWithin(timeline: Timeline, { fromMs, untilMs }: { fromMs: number; untilMs: number }) {
  const isWithin = (part: TimelineSpan) =>
    part.fromMs < untilMs && (part.untilMs ?? Number.POSITIVE_INFINITY) > fromMs
  const tracks = timeline.tracks.map((track) => ({ ...track, parts: track.parts.filter(isWithin) }))
  return { ...timeline, tracks }
}

/** The timeline without the parts that are missing. */
export const presentParts = (timeline: Timeline, directory: string): Promise<Sorted> =>
  sorted(timeline, async ({ file }) => {
    const missing = () => false
    return access(locate(directory, file)).then(() => true, missing)
  })

/** The timeline without the parts that do not open. It takes a process for each. */
export const readableParts = (timeline: Timeline, directory: string, signal: AbortSignal): Promise<Sorted> =>
  sorted(timeline, ({ file }, kind) => opens(kind, locate(directory, file), signal))

async function sorted(
  timeline: Timeline,
  isGood: (part: TimelinePart, kind: string) => Promise<boolean>,
): Promise<Sorted> {
  const unreadable: string[] = []
  const tracks: Timeline['tracks'] = []
  for (const track of timeline.tracks) {
    const good = await Promise.all(track.parts.map((part) => isGood(part, track.kind)))
    unreadable.push(...track.parts.filter((_, index) => !good[index]).map(({ file }) => file))
    tracks.push({ ...track, parts: track.parts.filter((_, index) => good[index]) })
  }
  return { timeline: { ...timeline, tracks }, unreadable }
}

/** Where a file of a timeline lies. Nothing outside of its folder is one. */
export function locate(directory: string, file: string): string {
  const path = resolve(directory, file)
  if (!path.startsWith(resolve(directory) + sep)) throw new Error(`${file} is not in the recording's folder`)
  return path
}

async function opens(kind: string, path: string, signal: AbortSignal): Promise<boolean> {
  try {
    const { streams } = await probe<{ streams: { codec_type: string; width?: number }[] }>(
      ['-show_entries', 'stream=codec_type,width', path],
      signal,
    )
    return streams.some((stream) => stream.codec_type === kind && (kind === 'audio' || stream.width))
  } catch (error) {
    if (signal.aborted) throw error
    return false
  }
}
