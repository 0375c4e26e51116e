import type { Packet } from './media-tool.ts'

/** How far the time between two frames may be from what it was when they were sent. */
const toleranceMs = 12

/**
 * What is wrong with the frames that were kept of a track whose sender sent `frames` over and over, `sent` of them in all:
 * nothing when they are what was sent, from some frame up to the last, at the pace at which it was sent.
 */
export function faultsOfTrack(kept: Packet[], frames: Packet[], sent: number, everyMs: number): string[] {
  if (kept.length === 0 || kept.length > sent) return [`${kept.length} frames are kept of ${sent}`]
  const faults: string[] = []
  const matching = frames.map((_, first) => matchingFrames(kept, frames, first))
  const longest = Math.max(...matching)
  const after = matching.indexOf(longest) + longest
  if (longest < kept.length)
    faults.push(`frame ${longest} of ${kept.length} does not follow on the one before`)
  else if (after % frames.length !== sent % frames.length)
    faults.push(
      `${(((sent - after) % frames.length) + frames.length) % frames.length} frames are missing at the end`,
    )
  for (const [index, { atMs }] of kept.entries()) {
    const before = kept[index - 1]?.atMs ?? atMs - everyMs
    if (Math.abs(atMs - before - everyMs) > toleranceMs)
      faults.push(
        `frame ${index} of ${kept.length} comes ${Math.round(atMs - before)} ms after the one before`,
      )
  }
  return faults
}

/** How many of those that were kept are those that were sent, when the first one of them is `frames[first]`. */
function matchingFrames(kept: Packet[], frames: Packet[], first: number): number {
  const strange = kept.findIndex(({ hash }, index) => hash !== frames[(first + index) % frames.length]?.hash)
  return strange < 0 ? kept.length : strange
}
