import type { MediaFrame } from '@rtcstack/containers'

/** The first packets of a track of sound, until it is known when they were captured. */
export interface FirstSound {
  /** Takes a packet; gives those that may be written now. */
  push(frame: MediaFrame): MediaFrame[]
  /** Gives those that are held. */
  release(): MediaFrame[]
}

/** Packets that come less late than the one before tell that it had to wait. */
const onTimeMs = 2
/** So many that came no earlier than the one before them are enough to know the least that a packet needs. */
const enoughOnTime = 2
const mostHeld = 15
const ticksPerMs = 48
/** More is no waiting: time was not counted while the sender sent nothing. */
const jumpMs = 150

/**
 * Until a sender reports its clock, a packet is taken to be captured when it came. At the start of a recording many may have
 * waited to be read, and sound that is written too late cannot be moved later without being heard. So the first ones are held
 * until some follow that had not to wait, 40 ms where none had to, and all get their times by that which waited least.
 */
export function holdFirstSound(): FirstSound {
  let held: MediaFrame[] | undefined = []
  let leastMs = Number.POSITIVE_INFINITY
  let onTime = 0

  const release = () => {
    const released = held ?? []
    held = undefined
    return released.map((frame) => ({ ...frame, capturedAtMs: frame.timestamp / ticksPerMs + leastMs }))
  }
  return {
    push: (frame) => {
      const lateMs = frame.capturedAtMs - frame.timestamp / ticksPerMs
      if (!held || lateMs > leastMs + jumpMs) return [...release(), frame]
      onTime = lateMs < leastMs - onTimeMs ? 0 : onTime + 1
      leastMs = Math.min(leastMs, lateMs)
      held.push(frame)
      return onTime >= enoughOnTime || held.length >= mostHeld ? release() : []
    },
    release,
  }
}
