const headerBytes = 7
const syncWord = 0xfff

/** The bytes of `keep` frames of an ADTS stream after the first `skip`; an infinite `keep` is all of them. Fails when there are fewer. */
export function cutFrames(stream: Uint8Array, { skip, keep }: { skip: number; keep: number }): Uint8Array {
  let offset = 0
  let begin = skip === 0 ? 0 : undefined
  let frames = 0
  while (offset < stream.length && frames < skip + keep) {
    offset += frameLength(stream, offset)
    frames++
    if (frames === skip) begin = offset
  }
  const isShort = keep === Number.POSITIVE_INFINITY ? frames <= skip : frames < skip + keep
  if (begin === undefined || isShort || offset > stream.length)
    throw new Error(`${frames} frames of sound are not the ${skip} and ${keep} that were asked for`)
  return stream.subarray(begin, offset)
}

/** A frame's length with its header, which has thirteen bits for it. */
function frameLength(stream: Uint8Array, offset: number): number {
  const [first = 0, second = 0, , high = 0, middle = 0, low = 0] = stream.subarray(
    offset,
    offset + headerBytes,
  )
  const length = ((high & 0x03) << 11) | (middle << 3) | (low >> 5)
  if (((first << 4) | (second >> 4)) !== syncWord || length < headerBytes)
    throw new Error(`no frame of sound begins at byte ${offset}`)
  return length
}
