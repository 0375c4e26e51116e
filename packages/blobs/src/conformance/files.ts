import { createHash, randomBytes } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** A folder that goes with the test. */
export async function temporaryFolder() {
  const path = await mkdtemp(join(tmpdir(), 'blobs-'))
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) }
}

/** Makes a file of random content, and gives its SHA-256. */
export async function writeRandomFile(path: string, sizeBytes: number): Promise<string> {
  const hash = createHash('sha256')
  await using file = await open(path, 'w')
  for (let left = sizeBytes; left > 0; ) {
    const chunk = randomBytes(Math.min(left, 1 << 20))
    hash.update(chunk)
    await file.write(chunk)
    left -= chunk.length
  }
  return hash.digest('hex')
}

export const digestOfFile = (path: string): Promise<string> => digestOf(createReadStream(path))

export async function digestOf(stream: Readable): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of stream) hash.update(chunk)
  return hash.digest('hex')
}

export const textOf = async (stream: Readable): Promise<string> => (await buffer(stream)).toString()

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

/** Bytes of buffers that are in use now, those that nobody has any more left out. */
export function buffersInUse(): number {
  collectGarbage()
  return process.memoryUsage().arrayBuffers
}
