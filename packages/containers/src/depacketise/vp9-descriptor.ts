/** What the payload descriptor of a packet of VP9 says (RFC 9628, section 4.2), as far as a file needs it. */
export interface Vp9Descriptor {
  /** Where the frame's own bytes begin. */
  length: number
  startsLayer: boolean
  endsLayer: boolean
  spatialLayer: number
}

/** Undefined when the descriptor is cut short or nothing follows it. */
export function readVp9Descriptor(payload: Buffer): Vp9Descriptor | undefined {
  const first = payload[0] ?? 0
  const has = (bit: number) => (first & bit) !== 0
  const isInter = has(0x40)
  const isFlexible = has(0x10)
  let length = 1
  if (has(0x80)) length += (payload[length] ?? 0) & 0x80 ? 2 : 1
  let spatialLayer = 0
  if (has(0x20)) {
    spatialLayer = ((payload[length] ?? 0) >> 1) & 7
    length += isFlexible ? 1 : 2
  }
  if (isFlexible && isInter) {
    for (let count = 1; count <= 3; count++) if (((payload[length++] ?? 0) & 1) === 0) break
  }
  if (has(0x02)) length += structureLength(payload.subarray(length))
  if (length >= payload.length) return undefined
  return { length, startsLayer: has(0x08), endsLayer: has(0x04), spatialLayer }
}

/** Length of the scalability structure: layers with their sizes, and a group of pictures with their references. */
function structureLength(bytes: Buffer): number {
  const first = bytes[0] ?? 0
  let length = 1
  if (first & 0x10) length += ((first >> 5) + 1) * 4
  if (first & 0x08) {
    const pictures = bytes[length++] ?? 0
    for (let picture = 0; picture < pictures; picture++) length += 1 + (((bytes[length] ?? 0) >> 2) & 3)
  }
  return length
}
