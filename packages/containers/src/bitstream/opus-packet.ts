const silkFrame = [480, 960, 1920, 2880]
const hybridFrame = [480, 960]
const celtFrame = [120, 240, 480, 960]
const longestPacket = 5760

/** What the first bytes of an Opus packet tell (RFC 6716, section 3.1); samples are of 48 kHz. */
export interface OpusPacket {
  /** The table-of-contents byte: mode, bandwidth, frame size, channels. */
  contents: number
  samples: number
  frameSamples: number
  isStereo: boolean
}

/** Undefined when no decoder would take it for a packet. */
export function readOpusPacket(payload: Buffer): OpusPacket | undefined {
  const contents = payload[0]
  if (contents === undefined) return undefined
  const frameSamples = frameSamplesOf(contents >> 3)
  const samples = frameSamples * frameCount(contents & 3, payload[1])
  if (samples === 0 || samples > longestPacket) return undefined
  return { contents, samples, frameSamples, isStereo: (contents & 4) !== 0 }
}

function frameSamplesOf(configuration: number): number {
  if (configuration < 12) return silkFrame[configuration & 3] as number
  if (configuration < 16) return hybridFrame[configuration & 1] as number
  return celtFrame[configuration & 3] as number
}

function frameCount(code: number, countByte = 0): number {
  if (code === 0) return 1
  return code === 3 ? countByte & 63 : 2
}
