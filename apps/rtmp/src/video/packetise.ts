// What fits an RTP packet with its extensions, SRTP and UDP on any path.
const mostPayloadBytes = 1_180
const fragment = 28

/** Payloads of RTP for NAL units (RFC 6184): one of its own for each that fits, and FU-A for the rest. */
export function packetise(units: Buffer[]): Buffer[] {
  return units.flatMap((unit) => (unit.length <= mostPayloadBytes ? [unit] : fragments(unit)))
}

function fragments(unit: Buffer): Buffer[] {
  const header = unit[0] as number
  const indicator = (header & 0xe0) | fragment
  const stepBytes = mostPayloadBytes - 2
  const payloads: Buffer[] = []
  for (let at = 1; at < unit.length; at += stepBytes) {
    const first = at === 1 ? 0x80 : 0
    const last = at + stepBytes >= unit.length ? 0x40 : 0
    const head = Buffer.from([indicator, first | last | (header & 31)])
    payloads.push(Buffer.concat([head, unit.subarray(at, at + stepBytes)]))
  }
  return payloads
}
