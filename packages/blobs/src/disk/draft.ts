import { randomUUID } from 'node:crypto'
import type { BigIntStats } from 'node:fs'
import { open, readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { PutOptions } from '../blob-store.ts'
import { contentOf, type ReadContent, readThrough, writeAll } from '../content.ts'
import { BlobStoreError, BlobStoreFullError } from '../errors.ts'

const staleAfterMs = 3_600_000

/** Content that is on the disk whole, and not yet in its place. */
export interface Draft {
  path: string
  /** As they will be in its place. */
  stats: BigIntStats
}

/** Writes content to a file of its own in a folder, on to the disk, and reads it again to see that it is the same. */
export async function writeDraft(
  folder: string,
  content: ReadContent,
  { signal, onProgress }: Omit<PutOptions, 'contentType'> = {},
): Promise<Draft> {
  const path = join(folder, randomUUID())
  const file = await open(path, 'wx+', 0o600)
  try {
    const written = await readThrough(content, async (bytes, position) => {
      signal?.throwIfAborted()
      await writeAll(file, bytes, position)
      onProgress?.(position + bytes.length)
    })
    await file.sync()
    const read = await readThrough(contentOf(file), async () => signal?.throwIfAborted())
    if (read.checksum !== written.checksum || read.sizeBytes !== written.sizeBytes)
      throw new BlobStoreError(`the disk of ${folder} does not hold what was written to it`)
    return { path, stats: await file.stat({ bigint: true }) }
  } catch (error) {
    await rm(path, { force: true })
    if (!isFull(error)) throw error
    throw new BlobStoreFullError(`no space is left for blobs in ${folder}`, { cause: error })
  } finally {
    await file.close()
  }
}

/** Removes drafts that nobody has written to for an hour: those of processes that were killed. */
export async function removeStaleDrafts(folder: string, now: Date): Promise<void> {
  for (const name of await readdir(folder)) {
    const path = join(folder, name)
    const found = await stat(path).catch(() => undefined)
    if (found && now.getTime() - found.mtimeMs > staleAfterMs) await rm(path, { force: true })
  }
}

const isFull = (error: unknown) => ['ENOSPC', 'EDQUOT'].includes((error as NodeJS.ErrnoException).code ?? '')
