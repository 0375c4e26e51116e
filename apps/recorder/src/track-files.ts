import { type Codec, type MediaFrame, type TrackWriter, trackKinds } from '@rtcstack/containers'
import { type TapPacket, wallClockMs } from '@rtcstack/room-tap'
import type { AppendFile } from './append-file.ts'
import { holdFirstSound } from './first-sound.ts'
import type { TimelineEvent } from './timeline-event.ts'
import { createTrackTimes } from './track-times.ts'

/** Milliseconds from the recording's start, which is the first time that is asked for: that of the first frame written. */
export type RecordingClock = (capturedAtMs: number) => number

/** Writes one track into files, each a stretch of it. */
export interface TrackFiles {
  readonly codec: Codec
  packet(packet: TapPacket): void
  /** Packets that were sent will not come. */
  gap(): void
  /** Goes on in a new file as soon as one can begin. */
  cut(): void
  /** Ends the file at once, by the recording's clock now unless told; the next packet begins another. */
  close(atMs?: number): void
  /** Hands what is held to the system, and closes a file that has been idle for long. */
  tick(nowMs: number): void
}

export interface TrackFilesOptions {
  sid: string
  codec: Codec
  segmentMs: number
  clock: RecordingClock
  tell(event: TimelineEvent): void
  /** A new file of this track; its name is relative to the recording's folder. */
  openFile(extension: string): { name: string; file: AppendFile }
  /** Nothing can be written before a key frame. */
  needKeyFrame(): void
}

interface Part {
  writer: TrackWriter
  /** Once something has been written. */
  opened: { name: string; file: AppendFile } | undefined
  segment: number
  lastMs: number
  frameMs: number
  writtenAtMs: number
}

/** A pause in sound that is longer ends a file, as mute does: silence would have to be written. */
const idleAudioMs = 2_000
const idleVideoMs = 5_000
/** How long the last frame of a file is taken to last, at most. */
const longestFrameMs = 200
/** So many packets of sound are kept to begin the next file with. */
const preRollPackets = 12
/** What came of a track is written after this, whatever should have followed. */
const longestWaitMs = 300
/** Sound that goes on stands this near to where the packet before ends. */
const seamlessMs = 10

export function createTrackFiles(options: TrackFilesOptions): TrackFiles {
  const { sid, codec, segmentMs, clock, tell, openFile, needKeyFrame } = options
  const kind = trackKinds[codec]
  const placeOf = createTrackTimes(codec)
  const firstSound = codec === 'opus' ? holdFirstSound() : undefined
  let depacketiser = kind.createDepacketiser()
  let part: Part | undefined
  let isCutting = false
  let lastCapturedAtMs: number | undefined
  let arrivedAtMs = 0
  let hasLost = false
  /** The last packets of sound, if nothing has been missed since, and where they end. */
  let sound: { packets: Buffer[]; untilMs: number } = { packets: [], untilMs: 0 }

  const goesOn = (atMs: number) => sound.packets.length > 0 && Math.abs(atMs - sound.untilMs) < seamlessMs
  const forgetSound = () => {
    sound = { packets: [], untilMs: 0 }
  }
  const openPart = (atMs: number): Part => {
    const opening: Part = {
      writer: kind.createWriter(
        (bytes) => {
          if (!opening.opened) {
            opening.opened = openFile(kind.extension)
            const { mediaType } = kind
            tell({
              type: 'opened',
              sid,
              file: opening.opened.name,
              codec,
              mediaType,
              atMs: Math.max(0, atMs),
            })
          }
          opening.opened.file.append(bytes)
        },
        goesOn(atMs) ? sound.packets : [],
      ),
      opened: undefined,
      segment: Math.floor(atMs / segmentMs),
      lastMs: atMs,
      frameMs: codec === 'opus' ? 20 : 0,
      writtenAtMs: performance.now(),
    }
    isCutting = false
    return opening
  }
  const closePart = (nextMs = Number.POSITIVE_INFINITY) => {
    const closing = part
    part = undefined
    if (!closing) return
    closing.writer.close()
    if (!closing.opened) return
    const { name, file } = closing.opened
    // Said when it is true: into files of which it is not said looks who salvages this.
    const untilMs = Math.max(0, Math.min(closing.lastMs + closing.frameMs, nextMs))
    const { sizeBytes } = closing.writer
    void file.close().then((isWhole) => {
      if (isWhole) tell({ type: 'closed', file: name, untilMs, sizeBytes })
    })
  }
  const write = (frame: MediaFrame) => {
    const capturedAtMs = placeOf(frame)
    const canBegin = codec === 'opus' || frame.format !== undefined
    if (!part && !canBegin) return
    const timeMs = clock(capturedAtMs)
    const isDue = isCutting || Math.floor(timeMs / segmentMs) > (part?.segment ?? 0)
    if (part && isDue && canBegin) closePart(timeMs)
    // The first packet of a file stands where the one before ends, to the sample, as if it were in the same file.
    const placeMs = part || !goesOn(timeMs) ? timeMs : sound.untilMs
    part ??= openPart(timeMs)
    let result = part.writer.write(frame, placeMs)
    if (result === 'incompatible') {
      closePart(timeMs)
      part = openPart(timeMs)
      result = part.writer.write(frame, timeMs)
    }
    if (result !== 'written') return
    if (timeMs > part.lastMs) part.frameMs = Math.min(longestFrameMs, timeMs - part.lastMs)
    part.lastMs = Math.max(part.lastMs, timeMs)
    part.writtenAtMs = performance.now()
    if (codec === 'opus')
      sound = {
        packets: [...sound.packets.slice(1 - preRollPackets), frame.data],
        untilMs: part.writer.endMs ?? 0,
      }
  }
  const writeHeld = () => {
    for (const frame of firstSound?.release() ?? []) write(frame)
  }
  const noteLoss = ({ capturedAtMs }: TapPacket) => {
    if (hasLost && lastCapturedAtMs !== undefined && part) {
      const [fromMs, untilMs] = [clock(lastCapturedAtMs), clock(capturedAtMs)]
      tell({ type: 'lost', sid, fromMs: Math.max(0, fromMs), untilMs: Math.max(0, untilMs) })
    }
    hasLost = false
    lastCapturedAtMs = capturedAtMs
  }

  return {
    codec,
    packet: (packet) => {
      noteLoss(packet)
      arrivedAtMs = performance.now()
      for (const frame of depacketiser.push(packet))
        for (const due of firstSound?.push(frame) ?? [frame]) write(due)
      if (!part && packet.marker && codec !== 'opus') needKeyFrame()
    },
    gap: () => {
      writeHeld()
      hasLost = true
      forgetSound()
      depacketiser.gap()
    },
    cut: () => {
      isCutting = part !== undefined
    },
    close: (atMs) => {
      writeHeld()
      depacketiser = kind.createDepacketiser()
      lastCapturedAtMs = undefined
      forgetSound()
      if (part) closePart(atMs ?? clock(wallClockMs()))
    },
    tick: (nowMs) => {
      if (nowMs - arrivedAtMs > longestWaitMs) writeHeld()
      part?.writer.flush()
      void part?.opened?.file.flush()
      const limitMs = codec === 'opus' ? idleAudioMs : idleVideoMs
      if (part && nowMs - part.writtenAtMs > limitMs) closePart()
    },
  }
}
