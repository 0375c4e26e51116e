import { Readable } from 'node:stream'
import { attachment, type BlobInfo, type BlobStore } from '@rtcstack/blobs'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { problems } from '../http/problem.ts'
import { readRange } from './byte-range.ts'
import { isKnown, isRangeOfKnown } from './preconditions.ts'

/** A blob to answer with. */
export interface SentBlob {
  store: Pick<BlobStore, 'stat' | 'read'>
  key: string
  /** What a browser saves it as. */
  fileName: string
}

/** The answer: all, a range, or that the asker has it already. */
export type BlobOutcome = { status: 200 | 206 | 304; body: Readable }

/**
 * Answers GET and HEAD with a blob, in ranges where they are asked for, so that players can seek and broken downloads go on.
 * Sets the headers and leaves sending to the caller, as an operation's outcome. Throws `not-found` and
 * `range-not-satisfiable`.
 */
export async function sendBlob(
  request: FastifyRequest,
  reply: FastifyReply,
  { store, key, fileName }: SentBlob,
): Promise<BlobOutcome> {
  const blob = await store.stat(key)
  if (!blob) throw problems.fileNotFound()
  const isHead = request.method === 'HEAD'
  if (isKnown(request.headers, blob)) {
    reply.headers(headersOf(blob))
    return { status: 304, body: nothing() }
  }
  const asked = !isHead && isRangeOfKnown(request.headers, blob) ? request.headers.range : undefined
  const range = readRange(asked, blob.sizeBytes)
  if (range === 'unsatisfiable') throw problems.rangeNotSatisfiable(blob.sizeBytes)
  const { start, end } = range === 'whole' ? { start: 0, end: blob.sizeBytes } : range
  // With its end named, no more is sent than is announced, should it be replaced just now.
  const body = isHead ? nothing() : await store.read(key, { start, end })
  reply.headers({
    ...headersOf(blob),
    'content-type': blob.contentType,
    'content-length': String(end - start),
    'content-disposition': attachment(fileName),
  })
  if (range === 'whole') return { status: 200, body }
  reply.header('content-range', `bytes ${start}-${end - 1}/${blob.sizeBytes}`)
  return { status: 206, body }
}

const headersOf = ({ etag, modifiedAt }: BlobInfo) => ({
  etag,
  'last-modified': modifiedAt.toUTCString(),
  'accept-ranges': 'bytes',
  // What is kept by a browser may be used again while it is the same, and is in no shared cache.
  'cache-control': 'private, no-cache',
})

/** Empty, and not absent: then Fastify would say that the length of the file is 0. */
const nothing = () => Readable.from([])
