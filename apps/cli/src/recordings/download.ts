import { createHash } from 'node:crypto'
import { open as openFile, rename, stat } from 'node:fs/promises'
import { describeError } from '../errors.ts'

/** Opens the file anew: all of it, or where a version of it goes on. */
export type OpenDownload = (from?: { start: number; etag: string }) => Promise<Response>

interface DownloadOptions {
  open: OpenDownload
  /** Where it is put when it is whole. */
  output: string
  /** From 0 to 1. */
  onProgress(progress: number): void
}

/**
 * Brings a file; its size in bytes. What has come is in `<output>.<version>.part` until it is whole, and a later call goes on
 * there. The version keeps apart what must not be joined: another recording, or the same one made anew.
 */
export async function download({ open, output, onProgress }: DownloadOptions): Promise<number> {
  const whole = await open()
  const etag = whole.headers.get('etag')
  const sizeBytes = Number(whole.headers.get('content-length') ?? Number.NaN)
  const part = `${output}.${versionOf(etag)}.part`
  const hereBytes = await sizeOf(part)
  if (hereBytes !== sizeBytes || hereBytes === 0) {
    const answer = etag !== null && hereBytes > 0 ? await goOn(whole, open, hereBytes, etag) : whole
    await append(answer, part, { hereBytes, sizeBytes, onProgress })
  } else await whole.body?.cancel()
  await rename(part, output)
  return sizeOf(output)
}

const versionOf = (etag: string | null) =>
  createHash('sha256')
    .update(etag ?? '')
    .digest('hex')
    .slice(0, 8)

const sizeOf = (path: string) =>
  stat(path).then(
    ({ size }) => size,
    () => 0,
  )

async function goOn(whole: Response, open: OpenDownload, start: number, etag: string): Promise<Response> {
  await whole.body?.cancel()
  return open({ start, etag })
}

interface Coming {
  hereBytes: number
  sizeBytes: number
  onProgress(progress: number): void
}

/** Writes an answer to the end of a part, or from its beginning where the server sends all; each piece before the next is read. */
async function append(answer: Response, path: string, { hereBytes, sizeBytes, onProgress }: Coming) {
  const isRest = answer.status === 206
  let bytes = isRest ? hereBytes : 0
  let broken: unknown
  const part = await openFile(path, isRest ? 'a' : 'w')
  try {
    for await (const piece of answer.body ?? []) {
      await part.appendFile(piece)
      bytes += piece.length
      onProgress(bytes / sizeBytes)
    }
    if (bytes < sizeBytes) broken = new Error('the connection ended')
  } catch (error) {
    broken = error
  } finally {
    await part.close()
  }
  if (broken)
    throw new Error(
      `Broken off after ${bytes} of ${sizeBytes} bytes: ${describeError(broken)}. Run it again to go on.`,
      { cause: broken },
    )
}
