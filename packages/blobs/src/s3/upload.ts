import { randomUUID } from 'node:crypto'
import { PutObjectCommand } from '@aws-sdk/client-s3'
import type { BlobInfo, PutOptions } from '../blob-store.ts'
import { fill, type ReadContent } from '../content.ts'
import { BlobStoreError } from '../errors.ts'
import { retrying } from '../retry.ts'
import { isLostUpload } from './faults.ts'
import { readHead } from './info.ts'
import { sendInParts } from './parts.ts'
import { type S3Place, sendUntilDone } from './place.ts'

// A server may lose an upload once, as one that keeps them in memory does at a restart; one that loses each is broken.
const uploadTries = 3
// By this, what is found after an upload is told from what others put there.
const uploadIdName = 'rtcstack-upload'

export interface Upload extends PutOptions {
  key: string
  content: ReadContent
  sizeBytes: number
}

/** An upload as it is sent: with what to store beside its content. */
export interface OutgoingUpload extends Upload {
  metadata: Record<string, string>
}

/** What the server has made of an upload; `unknown` when the answer was lost on the way. */
export type SendResult = 'stored' | 'unknown'

class LostUploadError extends BlobStoreError {
  override name = 'LostUploadError'
}

/** Stores content; what may pass is waited out. Resolves when the server was seen to hold it. */
export async function upload(place: S3Place, given: Upload): Promise<BlobInfo> {
  const onProgress = onlyMore(given.onProgress)
  const policy = {
    ...place.policy,
    isPassing: (error: unknown) => error instanceof LostUploadError || isLostUpload(error),
  }
  const send = given.sizeBytes > place.partSizeBytes ? sendInParts : sendWhole
  const store = async () => {
    const uploadId = randomUUID()
    const result = await send(place, { ...given, onProgress, metadata: { [uploadIdName]: uploadId } })
    return verify(place, given, uploadId, result)
  }
  return retrying(store, policy, { signal: given.signal, tries: uploadTries })
}

async function sendWhole(place: S3Place, outgoing: OutgoingUpload): Promise<SendResult> {
  const { key, content, sizeBytes, contentType, metadata, signal, onProgress } = outgoing
  const body = Buffer.allocUnsafe(sizeBytes)
  await fill(body, content, 0)
  const command = () =>
    new PutObjectCommand({
      Bucket: place.bucket,
      Key: key,
      Body: body,
      ContentType: contentType,
      Metadata: metadata,
    })
  await sendUntilDone(place, (options) => place.clients.exchange.send(command(), options), signal)
  onProgress?.(sizeBytes)
  return 'stored'
}

/** Looks whether the server has what it was given. */
async function verify(
  place: S3Place,
  { key, sizeBytes, signal }: Upload,
  uploadId: string,
  result: SendResult,
): Promise<BlobInfo> {
  const head = await readHead(place, key, { signal, tries: Number.POSITIVE_INFINITY })
  if (!head) throw new LostUploadError('the server has nothing of what it was given')
  const { metadata, info } = head
  const foundId = metadata[uploadIdName]
  if (foundId !== uploadId && result === 'unknown')
    throw new LostUploadError('the server has not put together what it was given')
  // Somebody has put another content in place of ours already.
  if (foundId !== uploadId && foundId !== undefined) return info
  if (info.sizeBytes !== sizeBytes)
    throw new LostUploadError(`the server has ${info.sizeBytes} bytes of the ${sizeBytes} that it was given`)
  return info
}

function onlyMore(onProgress: PutOptions['onProgress']): (sentBytes: number) => void {
  let most = -1
  return (sentBytes) => {
    if (sentBytes <= most) return
    most = sentBytes
    onProgress?.(sentBytes)
  }
}
