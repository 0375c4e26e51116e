import { type OpusPacket, readOpusPacket } from '../bitstream/opus-packet.ts'
import type { Append, TrackWriter, WriteResult } from '../writer.ts'
import { gapPackets, samplesOf, shortestSamples } from './gap-packets.ts'
import { codecDelay, opusHead, opusTags } from './opus-headers.ts'
import { mostSegments, oggPage, segmentsOf } from './page.ts'

const samplesPerMs = 48
const longestPageSamples = 48_000
const headerPages = 2
/** A longer gap costs less as a new file, and no time stamp that went astray can fill a disk. */
const longestGapSamples = 3600 * 48_000

/**
 * A decoder that starts in the middle of sound agrees only after a while with one that was there before: RFC 7845, section 4.6,
 * wants 80 ms at least, and after 200 ms nothing of it is left.
 */
const leastPreRoll = 3840
const mostPreRoll = 9600

export interface OggOpusOptions {
  append: Append
  /**
   * Packets that stand just before the first one, and are in the file before. Decoders throw away what they make of them: so the
   * sound goes on over the border as if there were none.
   */
  preRoll?: Buffer[]
  /** Number of the stream, which files that are joined must not share. */
  serial?: number
}

/**
 * Writes an Ogg file of Opus (RFC 7845) whose granule positions count from the recording's start: the first page tells the
 * offset, and every later sample stands where it was captured. Gaps are filled, as the RFC wants it and as players need it,
 * which count samples and do not look at positions.
 */
export function createOggOpusWriter(options: OggOpusOptions): TrackWriter {
  const { append, preRoll = [], serial = randomSerial() } = options
  let channels: number | undefined
  let pages = 0
  let sizeBytes = 0
  let isClosed = false
  let pending: Buffer[] = []
  let pendingSegments = 0
  let pageStart = 0
  /** The sample behind the last one taken. */
  let end = 0
  /** How far granule positions are ahead of that, for what is thrown away at the start. */
  let ahead = 0
  let last: OpusPacket | undefined

  function page(packets: Buffer[], granule: number, flags: { isFirst?: boolean; isLast?: boolean } = {}) {
    const bytes = oggPage({ serial, number: pages++, granule, packets, ...flags })
    sizeBytes += bytes.length
    append(bytes)
  }

  function flush(): void {
    if (pending.length > 0) page(pending, end + ahead)
    pending = []
    pendingSegments = 0
    pageStart = end
  }

  function add(packet: Buffer, samples: number): void {
    const segments = segmentsOf(packet)
    if (end + samples - pageStart > longestPageSamples || pendingSegments + segments > mostSegments) flush()
    pending.push(packet)
    pendingSegments += segments
    end += samples
  }

  function start(position: number, isStereo: boolean): void {
    channels = isStereo ? 2 : 1
    const rolled = settling(preRoll, isStereo)
    const rolledSamples = rolled.reduce((sum, packet) => sum + samplesOf(packet), 0)
    const preSkip = rolledSamples || codecDelay
    ahead = preSkip - codecDelay
    page([opusHead(channels, preSkip)], 0, { isFirst: true })
    page([opusTags()], 0)
    pageStart = end = position
    for (const packet of rolled) {
      pending.push(packet)
      pendingSegments += segmentsOf(packet)
    }
  }

  /** Brings the end of what is written to a position, or as near as a packet's shortest length allows: within 1.25 ms. */
  function fill(position: number, before: OpusPacket): void {
    const missing = Math.round((position - end) / shortestSamples) * shortestSamples
    flush()
    for (const packet of gapPackets(missing, before)) add(packet, samplesOf(packet))
    flush()
  }

  return {
    write({ data }, timeMs): WriteResult {
      const packet = readOpusPacket(data)
      const position = Math.round(timeMs * samplesPerMs)
      if (isClosed || !packet || segmentsOf(data) > mostSegments || position < 0) return 'skipped'
      if (channels === undefined) start(position, packet.isStereo)
      if (packet.isStereo && channels === 1) return 'incompatible'
      if (position - end > longestGapSamples) return 'incompatible'
      // Clocks differ and are corrected, so half a packet to either side is no gap and no repetition; what is more is put right.
      const slip = packet.samples / 2
      if (position < end - slip) return 'skipped'
      if (last && position >= end + slip) fill(position, last)
      add(data, packet.samples)
      last = packet
      return 'written'
    },
    flush,
    close() {
      if (isClosed) return
      isClosed = true
      // The position of a last page that is the first one too would tell how much of it is cut off, and no offset.
      if (pages === headerPages) flush()
      if (channels !== undefined) page(pending, end + ahead, { isLast: true })
      pending = []
    },
    get sizeBytes() {
      return sizeBytes
    },
    get endMs() {
      return end / samplesPerMs
    },
  }
}

/** The last packets before, as many as a decoder needs; none where it would have to change its channels. */
function settling(packets: Buffer[], isStereo: boolean): Buffer[] {
  const taken: Buffer[] = []
  let samples = 0
  for (const packet of packets.toReversed()) {
    const known = readOpusPacket(packet)
    if (samples >= mostPreRoll || !known || known.isStereo !== isStereo) break
    taken.unshift(packet)
    samples += known.samples
  }
  return samples >= leastPreRoll ? taken : []
}

const randomSerial = () => Math.floor(Math.random() * 2 ** 32)
