import type { VideoFrame } from '@rtcstack/rtmp'

/** Why frames must be encoded anew before a browser can show them, or a late joiner sees one soon. */
export type CopyObstacle = 'b-frames' | 'rare-key-frames'

export const mostKeyIntervalMs = 4_000

/** Looks at frames in the order of decoding; says what stands in the way of copying them, from when it was seen on. */
export function createCopyWatch(): (frame: VideoFrame) => CopyObstacle | undefined {
  let latestMs = Number.NEGATIVE_INFINITY
  let keyMs: number | undefined
  let obstacle: CopyObstacle | undefined
  return ({ decodeMs, offsetMs, isKey }) => {
    const shownMs = decodeMs + offsetMs
    // A WebRTC decoder shows frames as they come: one that is to be shown before another that came first is a B-frame.
    if (shownMs < latestMs) obstacle ??= 'b-frames'
    latestMs = Math.max(latestMs, shownMs)
    if (isKey) keyMs = decodeMs
    if (keyMs !== undefined && decodeMs - keyMs > mostKeyIntervalMs) obstacle ??= 'rare-key-frames'
    return obstacle
  }
}
