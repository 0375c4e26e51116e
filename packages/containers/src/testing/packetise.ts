import type { TapPacket } from '../packet.ts'

const ticksPerFrame = 3600

/** Packets of frames at 25 a second, each frame given as the payloads that it makes. */
export function packetsOf(frames: Buffer[][]): TapPacket[] {
  let sequence = 0
  return frames.flatMap((payloads, frame) =>
    payloads.map((payload, index) => ({
      sequence: sequence++,
      timestamp: frame * ticksPerFrame,
      marker: index === payloads.length - 1,
      payload,
      capturedAtMs: frame * 40,
    })),
  )
}

/** Pieces of at most `size` bytes. */
export function pieces(bytes: Buffer, size: number): Buffer[] {
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
    bytes.subarray(index * size, (index + 1) * size),
  )
}

/** How the spatial layers of a picture of VP9 travel: each in packets of its own, with a descriptor of 3 or 4 bytes. */
export function vp9Payloads(layers: Buffer[], isFlexible: boolean, isKey: boolean): Buffer[] {
  const structure = isFlexible || !isKey ? [] : [((layers.length - 1) << 5) | 0x08, 1, 0x04, 1]
  return layers.flatMap((layer, spatial) =>
    pieces(layer, 900).map((piece, index, all) => {
      const isFirst = index === 0
      const hasStructure = isFirst && spatial === 0 && structure.length > 0
      const flags =
        0xa0 |
        (isKey ? 0 : 0x40) |
        (isFlexible ? 0x10 : 0) |
        (isFirst ? 0x08 : 0) |
        (index === all.length - 1 ? 0x04 : 0) |
        (hasStructure ? 0x02 : 0)
      const layerIndex = (spatial << 1) | (spatial > 0 ? 1 : 0)
      const reference = isFlexible ? (isKey ? [] : [3, 2]) : [7]
      return Buffer.concat([
        Buffer.from([flags, 0x81, 0x02, layerIndex, ...reference, ...(hasStructure ? structure : [])]),
        piece,
      ])
    }),
  )
}

/**
 * How a temporal unit of AV1 travels: units without lengths and delimiters, cut where a packet is full; of its spatial layers
 * those up to the highest that is forwarded.
 */
export function av1Payloads(temporalUnit: Buffer, isKey: boolean, highestLayer = 7, size = 900): Buffer[] {
  const elements = splitAv1(temporalUnit).filter((unit) => spatialLayerOf(unit) <= highestLayer)
  const payloads: Buffer[] = []
  for (const element of elements) {
    const cut = pieces(element, size)
    for (const [index, piece] of cut.entries()) {
      const isContinued = index < cut.length - 1
      const isNew = isKey && payloads.length === 0
      const head = (index > 0 ? 0x80 : 0) | (isContinued ? 0x40 : 0) | 0x10 | (isNew ? 0x08 : 0)
      payloads.push(Buffer.concat([Buffer.from([head]), piece]))
    }
  }
  return payloads
}

const spatialLayerOf = ([first = 0, extension = 0]: Buffer) => (first & 4 ? (extension >> 3) & 3 : 0)

/** Units of AV1 as RTP has them: without the length that a file gives them, and without temporal delimiters. */
function splitAv1(temporalUnit: Buffer): Buffer[] {
  const units: Buffer[] = []
  for (let at = 0; at < temporalUnit.length; ) {
    const first = temporalUnit[at] as number
    const headerLength = first & 4 ? 2 : 1
    let length = 0
    let cursor = at + headerLength
    for (let shift = 0; ; shift += 7) {
      const byte = temporalUnit[cursor++] as number
      length |= (byte & 0x7f) << shift
      if (byte < 0x80) break
    }
    const header = Buffer.from(temporalUnit.subarray(at, at + headerLength))
    header[0] = first & ~2
    if (((first >> 3) & 15) !== 2)
      units.push(Buffer.concat([header, temporalUnit.subarray(cursor, cursor + length)]))
    at = cursor + length
  }
  return units
}
