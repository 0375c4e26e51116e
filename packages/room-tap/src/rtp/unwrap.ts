/**
 * Makes numbers that wrap around (16-bit sequence numbers, 32-bit time stamps) count on: each is taken as the one
 * nearest to the last. The first stays as it is, so that later ones may lie before it, even below zero.
 */
export function createUnwrapper(bits: 16 | 32): (wrapped: number) => number {
  const span = 2 ** bits
  let last: number | undefined
  return (wrapped) => {
    last = last === undefined ? wrapped : nearest(wrapped, last, span)
    return last
  }
}

/** The number nearest to `near` that is `wrapped` modulo `span`. */
export function nearest(wrapped: number, near: number, span: number): number {
  const ahead = (((wrapped - near) % span) + span) % span
  return near + (ahead < span / 2 ? ahead : ahead - span)
}
