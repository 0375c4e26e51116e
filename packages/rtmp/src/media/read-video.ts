import { ProtocolError } from '../protocol-error.ts'
import { fourCcName, videoName } from './codec-names.ts'
import type { VideoConfig, VideoFrame } from './event.ts'
import { readParameterSets } from './parameter-sets.ts'
import { UnsupportedCodecError } from './unsupported-codec.ts'

/** Reads the video messages of one publisher. */
export interface VideoReader {
  /** Undefined for what shows nothing. Throws an UnsupportedCodecError, or a ProtocolError when it is cut short. */
  read(body: Buffer, decodeMs: number): VideoConfig | VideoFrame | undefined
}

const avc = 7
const frameTypes = { key: 1, command: 5 }
const packets = { config: 0, units: 1 }
const headBytes = 5
const delimiter = 9

export function createVideoReader(): VideoReader {
  let lengthBytes = 0
  return {
    read(body, decodeMs) {
      const first = body[0]
      if (first === undefined) return undefined
      if (first & 0x80) throw new UnsupportedCodecError('video', fourCcName(body.subarray(1, 5)))
      const frameType = first >> 4
      if (frameType === frameTypes.command) return undefined
      if ((first & 15) !== avc) throw new UnsupportedCodecError('video', videoName(first & 15))
      if (body.length < headBytes) throw new ProtocolError('a video message is cut short')
      const content = body.subarray(headBytes)
      if (body[1] === packets.config) {
        const sets = readParameterSets(content)
        lengthBytes = sets.lengthBytes
        const { sequenceSets, pictureSets } = sets
        return { type: 'video-config', decodeMs, sequenceSets, pictureSets, body }
      }
      // Frames before their parameter sets can be shown by nobody.
      if (body[1] !== packets.units || lengthBytes === 0) return undefined
      const units = splitUnits(content, lengthBytes)
      if (units.length === 0) return undefined
      const isKey = frameType === frameTypes.key
      return { type: 'video', decodeMs, offsetMs: body.readIntBE(2, 3), isKey, units, body }
    },
  }
}

/** Units without the delimiters between frames, which RTP's marker replaces. */
function splitUnits(content: Buffer, lengthBytes: number): Buffer[] {
  const units: Buffer[] = []
  let at = 0
  while (at < content.length) {
    const start = at + lengthBytes
    if (start > content.length) throw new ProtocolError('a NAL unit is cut short')
    const end = start + content.readUIntBE(at, lengthBytes)
    if (end > content.length) throw new ProtocolError('a NAL unit is cut short')
    const type = (content[start] ?? 0) & 31
    if (end > start && type !== delimiter) units.push(content.subarray(start, end))
    at = end
  }
  return units
}
