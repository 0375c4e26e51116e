import { mkdirSync, readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { Codec } from '@rtcstack/containers'
import type { TapPacket, TapTrack } from '@rtcstack/room-tap'
import { type AppendFile, openAppendFile } from './append-file.ts'
import type { TimelineEvent } from './timeline-event.ts'
import { createTrackFiles, type RecordingClock, type TrackFiles } from './track-files.ts'

/** The files of all tracks of a recording. */
export interface Spool {
  packet(track: TapTrack, packet: TapPacket): void
  gap(trackSid: string): void
  /** No more of this track comes. */
  end(trackSid: string): void
  /** All tracks go on in new files, video where the next key frame is. */
  cut(): void
  /** Ends all files at once, by the recording's clock now unless told; what comes begins others. */
  closeFiles(atMs?: number): void
  /** Resolves when all files are on the disk, or cannot be. */
  close(): Promise<void>
  /** Of all files of this spool. */
  readonly sizeBytes: number
}

export interface SpoolOptions {
  directory: string
  segmentMs: number
  /** Names that are taken, though such a file need not be here any more. */
  knownFiles: readonly string[]
  clock: RecordingClock
  tell(event: TimelineEvent): void
  requestKeyFrame(trackSid: string): void
  /** A file cannot be written. */
  failed(error: Error): void
}

const folder = 'tracks'
/** What a recorder that is killed loses, with the time to write. */
const flushEveryMs = 500

export function openSpool(options: SpoolOptions): Spool {
  const { directory, knownFiles, failed, requestKeyFrame } = options
  mkdirSync(join(directory, folder), { recursive: true, mode: 0o700 })
  const numbers = lastNumbers([
    ...knownFiles.map((file) => basename(file)),
    ...readdirSync(join(directory, folder)),
  ])
  const tracks = new Map<string, TrackFiles>()
  const closing = new Set<Promise<boolean>>()
  let sizeBytes = 0

  const openFile = (sid: string, extension: string) => {
    const number = (numbers.get(sid) ?? 0) + 1
    numbers.set(sid, number)
    const name = `${folder}/${sid}-${number}${extension}`
    const opened = openAppendFile({ path: join(directory, name), flags: 'ax', failed })
    const file: AppendFile = {
      ...opened,
      append: (bytes) => {
        sizeBytes += bytes.length
        opened.append(bytes)
      },
      close: () => {
        const closed = opened.close()
        closing.add(closed)
        void closed.then(() => closing.delete(closed))
        return closed
      },
    }
    return { name, file }
  }
  const filesOf = ({ sid, mimeType }: TapTrack): TrackFiles | undefined => {
    const known = tracks.get(sid)
    const codec = codecOf(mimeType)
    if (!codec || known?.codec === codec) return codec && known
    known?.close()
    const needKeyFrame = () => requestKeyFrame(sid)
    const made = createTrackFiles({
      ...options,
      sid,
      codec,
      needKeyFrame,
      openFile: (extension) => openFile(sid, extension),
    })
    tracks.set(sid, made)
    return made
  }
  const closeFiles = (atMs?: number) => {
    for (const track of tracks.values()) track.close(atMs)
  }
  const ticking = setInterval(() => {
    for (const track of tracks.values()) track.tick(performance.now())
  }, flushEveryMs)

  return {
    packet: (track, packet) => filesOf(track)?.packet(packet),
    gap: (sid) => tracks.get(sid)?.gap(),
    end: (sid) => {
      tracks.get(sid)?.close()
      tracks.delete(sid)
    },
    cut: () => {
      for (const track of tracks.values()) track.cut()
    },
    closeFiles,
    close: async () => {
      clearInterval(ticking)
      closeFiles()
      await Promise.all(closing)
    },
    get sizeBytes() {
      return sizeBytes
    },
  }
}

const codecs: readonly Codec[] = ['opus', 'vp8', 'vp9', 'h264', 'av1']
/** Undefined for codecs that cannot be kept. */
const codecOf = (mimeType: string) => codecs.find((codec) => mimeType.toLowerCase().endsWith(`/${codec}`))

/** The highest number of each track's files. */
function lastNumbers(names: string[]): Map<string, number> {
  const numbers = new Map<string, number>()
  for (const name of names) {
    const [, sid = '', number] = /^(.+)-(\d+)\.\w+$/.exec(name) ?? []
    if (number) numbers.set(sid, Math.max(numbers.get(sid) ?? 0, Number(number)))
  }
  return numbers
}
