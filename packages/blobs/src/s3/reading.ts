import { PassThrough, pipeline, Readable } from 'node:stream'
import { GetObjectCommand, type GetObjectCommandOutput } from '@aws-sdk/client-s3'
import { checkKey, checkRange } from '../checks.ts'
import { BlobNotFoundError } from '../errors.ts'
import type { RetryLimits } from '../retry.ts'
import { isAbsence, statusOf } from './faults.ts'
import { readHead } from './info.ts'
import { request, type S3Place } from './place.ts'

export interface Content {
  body: Readable
  /** Where in the blob it begins. */
  start: number
  /** Of the whole blob. */
  sizeBytes: number
  etag: string | undefined
}

/** Asks for content from a position up to another or to the end; `etag` makes it be of this version. */
export async function openContent(
  place: S3Place,
  key: string,
  { start = 0, end, etag }: { start?: number; end?: number | undefined; etag?: string | undefined },
  limits?: RetryLimits,
): Promise<Content> {
  const isAll = start === 0 && end === undefined
  const command = () =>
    new GetObjectCommand({
      Bucket: place.bucket,
      Key: key,
      Range: isAll ? undefined : `bytes=${start}-${end === undefined ? '' : end - 1}`,
      IfMatch: etag,
    })
  try {
    const answer = await request(place, (options) => place.clients.reading.send(command(), options), limits)
    return contentOf(answer, place.idleTimeoutMs)
  } catch (error) {
    throw isAbsence(error) ? new BlobNotFoundError() : error
  }
}

/** The content of a blob, or a range of it. */
export async function read(
  place: S3Place,
  key: string,
  range: { start: number; end: number } | undefined,
): Promise<Readable> {
  checkKey(key)
  if (range) checkRange(range)
  const nothing = Readable.from([])
  // HTTP has no way to ask for a range of nothing.
  if (range && range.start === range.end) {
    if (await readHead(place, key)) return nothing
    throw new BlobNotFoundError()
  }
  try {
    return (await openContent(place, key, range ?? {})).body
  } catch (error) {
    if (statusOf(error) === 416) return nothing
    throw error
  }
}

function contentOf(answer: GetObjectCommandOutput, idleTimeoutMs: number): Content {
  const [, start, sizeBytes] = /^bytes (\d+)-\d+\/(\d+)$/.exec(answer.ContentRange ?? '') ?? []
  return {
    body: endingAtSilence(answer.Body as Readable, idleTimeoutMs),
    start: Number(start ?? 0),
    sizeBytes: Number(sizeBytes ?? answer.ContentLength ?? 0),
    etag: answer.ETag,
  }
}

/** Breaks a stream when nothing comes for a time; not while its reader takes nothing. */
function endingAtSilence(body: Readable, idleTimeoutMs: number): Readable {
  const out = new PassThrough()
  const timer = setTimeout(() => {
    if (out.writableNeedDrain) timer.refresh()
    else out.destroy(new SilenceError(`the server sent nothing for ${idleTimeoutMs / 1000} s`))
  }, idleTimeoutMs)
  body.on('data', () => timer.refresh())
  out.on('drain', () => timer.refresh())
  pipeline(body, out, () => clearTimeout(timer))
  // It may break before its reader listens, who then finds it broken.
  out.on('error', () => undefined)
  return out
}

class SilenceError extends Error {
  override name = 'TimeoutError'
}
