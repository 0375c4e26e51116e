/** Reads bits, the highest first. Past the end it reads zeros and says so, instead of throwing. */
export interface BitReader {
  /** The next bits as a number; up to 32. */
  bits(count: number): number
  flag(): boolean
  /** Exp-Golomb codes of H.264: ue(v) and se(v). */
  unsigned(): number
  signed(): number
  skip(count: number): void
  /** Bits read so far. */
  readonly position: number
  readonly isPastEnd: boolean
}

export function createBitReader(bytes: Buffer): BitReader {
  let position = 0

  function bits(count: number): number {
    let value = 0
    for (let index = 0; index < count; index++, position++) {
      const byte = bytes[position >> 3] ?? 0
      value = value * 2 + ((byte >> (7 - (position & 7))) & 1)
    }
    return value
  }

  function unsigned(): number {
    let zeros = 0
    while (zeros < 32 && bits(1) === 0) zeros++
    return 2 ** zeros - 1 + bits(zeros)
  }

  return {
    bits,
    unsigned,
    flag: () => bits(1) === 1,
    signed() {
      const code = unsigned()
      return code % 2 === 1 ? (code + 1) / 2 : -code / 2
    },
    skip(count) {
      position += count
    },
    get position() {
      return position
    },
    get isPastEnd() {
      return position > bytes.length * 8
    },
  }
}
