import { type AmfValue, markers } from './value.ts'

/** Writes values in AMF0; strings are shorter than 64 KiB. */
export const writeAmf = (...values: AmfValue[]): Buffer => Buffer.concat(values.map(writeValue))

function writeValue(value: AmfValue): Buffer {
  if (value === null) return Buffer.from([markers.null])
  if (typeof value === 'boolean') return Buffer.from([markers.boolean, value ? 1 : 0])
  if (typeof value === 'string') return Buffer.concat([Buffer.from([markers.string]), writeText(value)])
  if (typeof value === 'number') {
    const bytes = Buffer.alloc(9)
    bytes.writeDoubleBE(value, 1)
    return bytes
  }
  if (Array.isArray(value)) {
    const head = Buffer.alloc(5)
    head[0] = markers.array
    head.writeUInt32BE(value.length, 1)
    return Buffer.concat([head, ...value.map(writeValue)])
  }
  const members = Object.entries(value).flatMap(([name, member]) => [writeText(name), writeValue(member)])
  return Buffer.concat([Buffer.from([markers.object]), ...members, Buffer.from([0, 0, markers.objectEnd])])
}

function writeText(text: string): Buffer {
  const bytes = Buffer.from(text)
  const length = Buffer.alloc(2)
  length.writeUInt16BE(bytes.length)
  return Buffer.concat([length, bytes])
}
