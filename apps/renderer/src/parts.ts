import { resolve, sep } from 'node:path'
import type { Timeline } from '@rtcstack/contract'
import { probe } from './ffmpeg.ts'

interface Readable {
  timeline: Timeline
  unreadable: string[]
}

/** The timeline without the parts that are missing or do not open: a broken file costs its tile, not the render. */
export async function readableParts(
  timeline: Timeline,
  directory: string,
  signal: AbortSignal,
): Promise<Readable> {
  const unreadable: string[] = []
  const tracks: Timeline['tracks'] = []
  for (const track of timeline.tracks) {
    const opened = await Promise.all(
      track.parts.map((part) => opens(track.kind, locate(directory, part.file), signal)),
    )
    unreadable.push(...track.parts.filter((_, index) => !opened[index]).map(({ file }) => file))
    tracks.push({ ...track, parts: track.parts.filter((_, index) => opened[index]) })
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
