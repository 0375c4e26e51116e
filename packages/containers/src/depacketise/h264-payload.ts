const aggregate = 24
const fragment = 28

/** What a payload holds (RFC 6184): whole units, or a fragment of one. */
export type H264Payload =
  | { kind: 'units'; units: Buffer[] }
  | { kind: 'fragment'; isStart: boolean; isEnd: boolean; header: number; bytes: Buffer }

/** Undefined for what is malformed, or of the interleaved mode, which nobody in a call negotiates. */
export function readH264Payload(payload: Buffer): H264Payload | undefined {
  const [first = 0, second = 0] = payload
  const type = first & 31
  if (type >= 1 && type < aggregate) return { kind: 'units', units: [payload] }
  if (type === aggregate) {
    const units = splitAggregate(payload)
    return units && { kind: 'units', units }
  }
  if (type !== fragment || payload.length < 3) return undefined
  return {
    kind: 'fragment',
    isStart: (second & 0x80) !== 0,
    isEnd: (second & 0x40) !== 0,
    header: (first & 0xe0) | (second & 31),
    bytes: payload.subarray(2),
  }
}

function splitAggregate(payload: Buffer): Buffer[] | undefined {
  const units: Buffer[] = []
  let at = 1
  while (at + 2 <= payload.length) {
    const end = at + 2 + payload.readUInt16BE(at)
    if (end === at + 2 || end > payload.length) return undefined
    units.push(payload.subarray(at + 2, end))
    at = end
  }
  return at === payload.length && units.length > 0 ? units : undefined
}
