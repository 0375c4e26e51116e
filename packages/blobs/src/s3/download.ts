import type { FileHandle } from 'node:fs/promises'
import { writeAll } from '../content.ts'
import { retrying } from '../retry.ts'
import { statusOf } from './faults.ts'
import type { S3Place } from './place.ts'
import { openContent } from './reading.ts'

/** Copies a blob into an empty file; after a broken connection it goes on where it was, unless the blob is another now. */
export async function download(
  place: S3Place,
  key: string,
  file: FileHandle,
  signal: AbortSignal | undefined,
): Promise<void> {
  let version: { etag: string | undefined; sizeBytes: number } | undefined
  let position = 0
  const goOn = async (progressed: () => void) => {
    if (position > 0 && position === version?.sizeBytes) return
    const from = { start: position, etag: position > 0 ? version?.etag : undefined }
    const { body, start, ...found } = await openContent(place, key, from, { signal, tries: 1 })
    if (start !== position || (position > 0 && found.etag !== version?.etag)) {
      body.destroy()
      throw new AnotherVersionError()
    }
    version = found
    for await (const chunk of body) {
      signal?.throwIfAborted()
      await writeAll(file, chunk, position)
      position += chunk.length
      progressed()
    }
  }
  const goOnOrBeginAgain = async (progressed: () => void) => {
    try {
      await goOn(progressed)
    } catch (error) {
      if (isAnotherVersion(error)) {
        position = 0
        await file.truncate()
      }
      throw error
    }
  }
  const policy = {
    ...place.policy,
    isPassing: (error: unknown) => isAnotherVersion(error) || place.policy.isPassing(error),
  }
  await retrying(goOnOrBeginAgain, policy, { signal })
}

class AnotherVersionError extends Error {}

const isAnotherVersion = (error: unknown) => error instanceof AnotherVersionError || statusOf(error) === 412
