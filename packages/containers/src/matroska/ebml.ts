/** Elements of Matroska (RFC 9559) that are written, by their ids. */
export const ids = {
  ebml: 0x1a45dfa3,
  ebmlVersion: 0x4286,
  ebmlReadVersion: 0x42f7,
  ebmlMaxIdLength: 0x42f2,
  ebmlMaxSizeLength: 0x42f3,
  docType: 0x4282,
  docTypeVersion: 0x4287,
  docTypeReadVersion: 0x4285,
  segment: 0x18538067,
  info: 0x1549a966,
  timestampScale: 0x2ad7b1,
  muxingApp: 0x4d80,
  writingApp: 0x5741,
  tracks: 0x1654ae6b,
  trackEntry: 0xae,
  trackNumber: 0xd7,
  trackUid: 0x73c5,
  trackType: 0x83,
  flagLacing: 0x9c,
  language: 0x22b59c,
  codecId: 0x86,
  codecPrivate: 0x63a2,
  video: 0xe0,
  flagInterlaced: 0x9a,
  pixelWidth: 0xb0,
  pixelHeight: 0xba,
  colour: 0x55b0,
  matrixCoefficients: 0x55b1,
  bitsPerChannel: 0x55b2,
  chromaSubsamplingHorizontal: 0x55b3,
  chromaSubsamplingVertical: 0x55b4,
  range: 0x55b9,
  transferCharacteristics: 0x55ba,
  primaries: 0x55bb,
  cluster: 0x1f43b675,
  timestamp: 0xe7,
  simpleBlock: 0xa3,
}

type Content = number | string | Buffer | Buffer[]

/** An element with its size: a number as an unsigned integer, an array as the elements in it. */
export function element(id: number, content: Content): Buffer {
  const body = bytesOf(content)
  return Buffer.concat([unsigned(id), size(body.length), body])
}

/** The head of an element that lasts until the next one of its level, or the end of the file. */
export const openElement = (id: number): Buffer =>
  Buffer.concat([unsigned(id), Buffer.from([0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff])])

function bytesOf(content: Content): Buffer {
  if (typeof content === 'number') return unsigned(content)
  if (typeof content === 'string') return Buffer.from(content)
  return Array.isArray(content) ? Buffer.concat(content) : content
}

function unsigned(value: number): Buffer {
  let length = 1
  while (length < 6 && value >= 2 ** (8 * length)) length++
  const bytes = Buffer.alloc(length)
  bytes.writeUIntBE(value, 0, length)
  return bytes
}

/** A size in one byte or in four: a marker bit, then the number; all ones would mean unknown. */
function size(value: number): Buffer {
  if (value < 0x7f) return Buffer.from([0x80 | value])
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE((0x10000000 | value) >>> 0)
  return bytes
}
