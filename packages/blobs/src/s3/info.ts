import { HeadObjectCommand } from '@aws-sdk/client-s3'
import type { BlobInfo } from '../blob-store.ts'
import { contentTypeOf } from '../content-type.ts'
import type { RetryLimits } from '../retry.ts'
import { isAbsence } from './faults.ts'
import { request, type S3Place, type SendOptions } from './place.ts'

export interface Head {
  info: BlobInfo
  /** What was stored with the content. */
  metadata: Record<string, string>
}

/** What the server says of a blob; undefined when there is none. */
export async function readHead(place: S3Place, key: string, limits?: RetryLimits): Promise<Head | undefined> {
  const command = () => new HeadObjectCommand({ Bucket: place.bucket, Key: key })
  const ask = (options: SendOptions) => place.clients.exchange.send(command(), options)
  try {
    const { ContentLength: Size, LastModified, ETag, Metadata = {} } = await request(place, ask, limits)
    return { info: describe(key, { Size, LastModified, ETag }), metadata: Metadata }
  } catch (error) {
    if (isAbsence(error)) return undefined
    throw error
  }
}

/** A blob by what the server has of it. */
export const describe = (
  key: string,
  stored: { Size?: number | undefined; LastModified?: Date | undefined; ETag?: string | undefined },
): BlobInfo => ({
  key,
  sizeBytes: stored.Size ?? 0,
  contentType: contentTypeOf(key),
  modifiedAt: stored.LastModified ?? new Date(0),
  etag: stored.ETag ?? '',
})
