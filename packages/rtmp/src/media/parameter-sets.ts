import { ProtocolError } from '../protocol-error.ts'

export interface ParameterSets {
  /** Bytes of the length before each NAL unit of a frame: 1, 2 or 4, and 3 where an encoder breaks the rule. */
  lengthBytes: number
  sequenceSets: Buffer[]
  pictureSets: Buffer[]
}

/** Reads an AVCDecoderConfigurationRecord (ISO/IEC 14496-15); what High profiles add at its end is left. */
export function readParameterSets(record: Buffer): ParameterSets {
  let at = 0

  function take(count: number): Buffer {
    if (at + count > record.length) throw new ProtocolError('the parameter sets are cut short')
    at += count
    return record.subarray(at - count, at)
  }

  const sets = (count: number) => Array.from({ length: count }, () => take(take(2).readUInt16BE(0)))
  const head = take(6)
  const lengthBytes = (head.readUInt8(4) & 3) + 1
  const sequenceSets = sets(head.readUInt8(5) & 31)
  const pictureSets = sets(take(1).readUInt8(0))
  return { lengthBytes, sequenceSets, pictureSets }
}
