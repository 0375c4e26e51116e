import { ProtocolError } from '../protocol-error.ts'
import { audioName, fourCcName } from './codec-names.ts'
import type { AudioConfig, AudioFrame } from './event.ts'
import { UnsupportedCodecError } from './unsupported-codec.ts'

const aac = 10
const enhanced = 9
const packets = { config: 0, frame: 1 }
const sampleRates = [
  96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000, 7_350,
]

/** Reads an audio message. Throws an UnsupportedCodecError, or a ProtocolError when it is cut short. */
export function readAudio(body: Buffer, timeMs: number): AudioConfig | AudioFrame | undefined {
  const first = body[0]
  if (first === undefined) return undefined
  const codec = first >> 4
  if (codec === enhanced) throw new UnsupportedCodecError('audio', fourCcName(body.subarray(1, 5)))
  if (codec !== aac) throw new UnsupportedCodecError('audio', audioName(codec))
  // A frame of nothing marks silence, or the end.
  if (body.length < 3) return undefined
  if (body[1] === packets.frame) return { type: 'audio', timeMs, body }
  if (body[1] !== packets.config) return undefined
  return { type: 'audio-config', timeMs, ...readConfig(body.subarray(2)), body }
}

/** The head of an AudioSpecificConfig (ISO/IEC 14496-3): of AAC with SBR it is the rate of its core. */
function readConfig(config: Buffer): { sampleRateHz: number; channels: number } {
  if (config.length < 2) throw new ProtocolError('the audio configuration is cut short')
  const bits = config.readUInt16BE(0)
  const index = (bits >> 7) & 15
  if (index < 15) return { sampleRateHz: sampleRates[index] ?? 0, channels: (bits >> 3) & 15 }
  if (config.length < 5) throw new ProtocolError('the audio configuration is cut short')
  return {
    sampleRateHz: (config.readUInt32BE(1) >>> 7) & 0xffffff,
    channels: ((config[4] as number) >> 3) & 15,
  }
}
