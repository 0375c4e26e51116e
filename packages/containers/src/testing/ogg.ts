/** A page as a reader of Ogg sees it. */
export interface ReadPage {
  granule: number
  number: number
  isFirst: boolean
  isLast: boolean
  packets: Buffer[]
  at: number
}

/** The pages of a file, each of whole packets. */
export function readPages(file: Buffer): ReadPage[] {
  const pages: ReadPage[] = []
  for (let at = 0; at < file.length; ) {
    if (file.toString('latin1', at, at + 4) !== 'OggS') throw new Error(`no page at ${at}`)
    const segments = file[at + 26] as number
    let body = at + 27 + segments
    const packets: Buffer[] = []
    let length = 0
    for (const segment of file.subarray(at + 27, body)) {
      length += segment
      if (segment === 255) continue
      packets.push(file.subarray(body, body + length))
      body += length
      length = 0
    }
    const flags = file[at + 5] as number
    const granule = Number(file.readBigInt64LE(at + 6))
    const number = file.readUInt32LE(at + 18)
    pages.push({ granule, number, isFirst: (flags & 2) !== 0, isLast: (flags & 4) !== 0, packets, at })
    at = body
  }
  return pages
}
