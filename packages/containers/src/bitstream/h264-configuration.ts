import type { H264Sequence } from './h264-sequence.ts'

/** The AVCDecoderConfigurationRecord (ISO/IEC 14496-15) of one sequence parameter set and its picture parameter sets. */
export function h264Configuration(
  sequence: H264Sequence,
  sequenceSet: Buffer,
  pictureSets: Buffer[],
): Buffer {
  const [, profile = 0, compatibility = 0, level = 0] = sequenceSet
  return Buffer.concat([
    Buffer.from([1, profile, compatibility, level, 0xff, 0xe1]),
    withLength(sequenceSet),
    Buffer.from([pictureSets.length]),
    ...pictureSets.map(withLength),
    sequence.isHigh ? highFields(sequence) : Buffer.alloc(0),
  ])
}

function highFields({ chroma, bitDepth, bitDepthChroma }: H264Sequence): Buffer {
  const format = ['4:0:0', '4:2:0', '4:2:2', '4:4:4'].indexOf(chroma)
  return Buffer.from([0xfc | format, 0xf8 | (bitDepth - 8), 0xf8 | (bitDepthChroma - 8), 0])
}

function withLength(unit: Buffer): Buffer {
  const length = Buffer.alloc(2)
  length.writeUInt16BE(unit.length)
  return Buffer.concat([length, unit])
}
