import type { FileHandle } from 'node:fs/promises'
import { crc32 } from 'node:zlib'

const chunkBytes = 1 << 20

/** Reads content from a position into a buffer until that is full, and says how much it was: less only at the end. */
export type ReadContent = (into: Buffer, position: number) => Promise<number>

export const bytesOf = (content: Buffer | string): Buffer =>
  typeof content === 'string' ? Buffer.from(content) : content

/** Content of a file, or of a buffer. */
export const contentOf = (source: FileHandle | Buffer): ReadContent =>
  Buffer.isBuffer(source)
    ? async (into, position) => source.copy(into, 0, position)
    : (into, position) => readAll(source, into, position)

/** Reads content through, in one buffer for all of it, and resolves to its size and CRC-32. */
export async function readThrough(
  read: ReadContent,
  take: (bytes: Buffer, position: number) => Promise<void>,
): Promise<{ sizeBytes: number; checksum: number }> {
  const buffer = Buffer.allocUnsafe(chunkBytes)
  let sizeBytes = 0
  let checksum = 0
  for (;;) {
    const bytes = buffer.subarray(0, await read(buffer, sizeBytes))
    if (bytes.length === 0) return { sizeBytes, checksum }
    checksum = crc32(bytes, checksum)
    await take(bytes, sizeBytes)
    sizeBytes += bytes.length
  }
}

/** Fills a buffer with content, all of which has to be there. */
export async function fill(buffer: Buffer, content: ReadContent, position: number): Promise<void> {
  if ((await content(buffer, position)) < buffer.length)
    throw new Error('the file became shorter while it was stored')
}

/** Writes all of it, which a single call may not do. */
export async function writeAll(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let at = 0; at < bytes.length; ) {
    const { bytesWritten } = await file.write(bytes, at, bytes.length - at, position + at)
    at += bytesWritten
  }
}

async function readAll(file: FileHandle, into: Uint8Array, position: number): Promise<number> {
  let at = 0
  while (at < into.length) {
    const { bytesRead } = await file.read(into, at, into.length - at, position + at)
    if (bytesRead === 0) break
    at += bytesRead
  }
  return at
}
