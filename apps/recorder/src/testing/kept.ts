import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { Timeline, type TimelineSpan } from '@rtcstack/contract'
import type { Colour, ToneHz } from '@rtcstack/testkit'
import { Value } from 'typebox/value'
import { expect } from 'vitest'
import { shortestToneMs, whereColour, whereTone } from './decode.ts'

/** The timeline of a recording that has ended, which must be valid. */
export async function readTimeline(directory: string): Promise<Timeline> {
  const timeline = JSON.parse(await readFile(join(directory, 'timeline.json'), 'utf8'))
  expect([...Value.Errors(Timeline, timeline)]).toEqual([])
  return timeline
}

/**
 * Where a tone or a colour is in the files of a track, by decoding them. Each must hold it from its beginning to its end, and
 * at the times that the timeline says, within 100 ms.
 */
export async function spansOf(
  directory: string,
  timeline: Timeline,
  trackSid: string,
  what: ToneHz | Colour,
) {
  const parts = timeline.tracks.find(({ sid }) => sid === trackSid)?.parts ?? []
  const spans: (TimelineSpan & { untilMs: number })[] = []
  for (const { file, sizeBytes, fromMs, untilMs } of parts) {
    const path = join(directory, file)
    expect((await stat(path)).size).toBe(sizeBytes)
    // A pause that ends just before all files are cut leaves some packets to a file of their own.
    if (typeof what === 'number' && (untilMs ?? 0) - fromMs < shortestToneMs) continue
    const found = await (typeof what === 'number' ? whereTone(path, what) : whereColour(path, what))
    expect(found, file).toHaveLength(1)
    const [span = { fromMs: 0, untilMs: 0 }] = found
    near(span.fromMs, fromMs, 100)
    // How long a last frame lasts nobody knows.
    near(span.untilMs, untilMs, typeof what === 'number' ? 100 : 200)
    spans.push(span)
  }
  return spans
}

/** Expects a time to be another, as exactly as is said. */
export function near(actualMs: number | null | undefined, expectedMs: number | null, withinMs: number): void {
  const differenceMs = Math.abs((actualMs ?? Number.NaN) - (expectedMs ?? Number.NaN))
  expect(differenceMs, `${actualMs} should be ${expectedMs}`).toBeLessThanOrEqual(withinMs)
}
