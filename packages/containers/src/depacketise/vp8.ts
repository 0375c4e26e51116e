import type { Assembly } from './frame-collector.ts'
import { createFrameCollector } from './frame-collector.ts'

const keyFrameStartCode = 0x9d012a

/** VP8 in RTP (RFC 7741). */
export const createVp8Depacketiser = () =>
  createFrameCollector({
    startsFrame: (payload) => readDescriptor(payload)?.startsFrame ?? false,
    assemble,
  })

function assemble(payloads: Buffer[]): Assembly {
  const parts: Buffer[] = []
  for (const payload of payloads) {
    const descriptor = readDescriptor(payload)
    if (!descriptor || descriptor.startsFrame !== (parts.length === 0)) return 'broken'
    parts.push(payload.subarray(descriptor.length))
  }
  const data = Buffer.concat(parts)
  const isKey = ((data[0] ?? 1) & 1) === 0
  if (!isKey) return data.length > 3 ? { isKey, data } : 'broken'
  if (data.length <= 10 || data.readUIntBE(3, 3) !== keyFrameStartCode) return 'broken'
  const width = data.readUInt16LE(6) & 0x3fff
  const height = data.readUInt16LE(8) & 0x3fff
  if (width === 0 || height === 0) return 'broken'
  return { isKey, data, width, height, format: { chroma: '4:2:0', bitDepth: 8 } }
}

/** The payload descriptor's length, and whether the frame's first partition starts behind it; undefined when cut short. */
function readDescriptor(payload: Buffer): { length: number; startsFrame: boolean } | undefined {
  const [first = 0, extension = 0] = payload
  let length = 1
  if (first & 0x80) {
    length++
    if (extension & 0x80) length += (payload[length] ?? 0) & 0x80 ? 2 : 1
    if (extension & 0x40) length++
    if (extension & 0x30) length++
  }
  if (length >= payload.length) return undefined
  return { length, startsFrame: (first & 0x17) === 0x10 }
}
