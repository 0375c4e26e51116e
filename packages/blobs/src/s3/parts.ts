import { setTimeout as pause } from 'node:timers/promises'
import {
  AbortMultipartUploadCommand,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import { fill } from '../content.ts'
import { isLostUpload } from './faults.ts'
import { request, requestUntilDone, type S3Place, sendUntilDone } from './place.ts'
import type { OutgoingUpload, SendResult } from './upload.ts'

const partsAtOnce = 2
const mostParts = 10_000
const mebibyte = 1 << 20
const abandonLimitMs = 5000
const latePartMs = 500

/** Sends content in parts, each until it is there, and has the server put them together. */
export async function sendInParts(place: S3Place, outgoing: OutgoingUpload): Promise<SendResult> {
  const { key, contentType, metadata, signal } = outgoing
  const target = { Bucket: place.bucket, Key: key }
  const begin = () =>
    new CreateMultipartUploadCommand({ ...target, ContentType: contentType, Metadata: metadata })
  const { UploadId } = await requestUntilDone(
    place,
    (options) => place.clients.exchange.send(begin(), options),
    signal,
  )
  const uploadId = UploadId ?? ''
  try {
    const parts = await sendParts(place, outgoing, uploadId)
    const end = () =>
      new CompleteMultipartUploadCommand({ ...target, UploadId: uploadId, MultipartUpload: { Parts: parts } })
    await requestUntilDone(place, (options) => place.clients.exchange.send(end(), options), signal)
    return 'stored'
  } catch (error) {
    if (isLostUpload(error)) return 'unknown'
    await abandon(place, key, uploadId)
    throw error
  }
}

/** Sends all parts, a few at a time, each of these in a buffer of its own. */
async function sendParts(
  place: S3Place,
  outgoing: OutgoingUpload,
  uploadId: string,
): Promise<CompletedPart[]> {
  const { key, content, sizeBytes, onProgress } = outgoing
  const partSizeBytes = partSizeFor(sizeBytes, place.partSizeBytes)
  const count = Math.ceil(sizeBytes / partSizeBytes)
  const failing = new AbortController()
  const signal = outgoing.signal ? AbortSignal.any([outgoing.signal, failing.signal]) : failing.signal
  const parts: CompletedPart[] = []
  let taken = 0
  let sentBytes = 0
  const sendSome = async () => {
    const buffer = Buffer.allocUnsafe(partSizeBytes)
    while (taken < count) {
      const index = taken++
      const position = index * partSizeBytes
      const body = buffer.subarray(0, Math.min(partSizeBytes, sizeBytes - position))
      await fill(body, content, position)
      const part = { Bucket: place.bucket, Key: key, UploadId: uploadId, PartNumber: index + 1 }
      const { ETag } = await sendUntilDone(
        place,
        (options) => place.clients.exchange.send(new UploadPartCommand({ ...part, Body: body }), options),
        signal,
      )
      parts[index] = { PartNumber: index + 1, ETag }
      sentBytes += body.length
      onProgress?.(sentBytes)
    }
  }
  const senders = Array.from({ length: Math.min(partsAtOnce, count) }, () =>
    sendSome().catch((error: unknown) => {
      failing.abort(error)
      throw error
    }),
  )
  // Nothing is under way any more when the upload is given up.
  await Promise.allSettled(senders)
  await Promise.all(senders)
  return parts
}

/** Larger than wanted where the parts would be too many. */
export const partSizeFor = (sizeBytes: number, wantedBytes: number): number =>
  Math.max(wantedBytes, Math.ceil(sizeBytes / mostParts / mebibyte) * mebibyte)

/** Has the server forget an upload that failed, if it can be reached now; otherwise its parts go when the blob is deleted. */
async function abandon(place: S3Place, key: string, uploadId: string): Promise<void> {
  const signal = AbortSignal.timeout(abandonLimitMs)
  try {
    await forgetUpload(place, key, uploadId, signal)
    // A part that the server was still taking in can bring the upload back.
    await pause(latePartMs)
    await forgetUpload(place, key, uploadId, signal)
  } catch {
    // What made the upload fail is what is told.
  }
}

/** Has the server forget an upload and its parts. */
export async function forgetUpload(
  place: S3Place,
  key: string,
  uploadId: string,
  signal?: AbortSignal,
): Promise<void> {
  const command = () =>
    new AbortMultipartUploadCommand({ Bucket: place.bucket, Key: key, UploadId: uploadId })
  await request(place, (options) => place.clients.exchange.send(command(), options), { signal }).catch(
    (error: unknown) => {
      if (!isLostUpload(error)) throw error
    },
  )
}
