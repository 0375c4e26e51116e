import {
  ListMultipartUploadsCommand,
  type ListMultipartUploadsCommandInput,
  type ListMultipartUploadsCommandOutput,
  ListObjectsV2Command,
} from '@aws-sdk/client-s3'
import type { BlobInfo } from '../blob-store.ts'
import { isKey, mayBeginKey } from '../key.ts'
import { statusOf } from './faults.ts'
import { describe } from './info.ts'
import { request, type S3Place } from './place.ts'

/** Blobs whose keys begin with a text, in the pages that the server gives. */
export async function* pagesOf(place: S3Place, prefix: string): AsyncGenerator<BlobInfo[]> {
  if (!mayBeginKey(prefix)) return
  const query = { Bucket: place.bucket, Prefix: prefix, EncodingType: 'url' as const }
  let token: string | undefined
  do {
    const command = new ListObjectsV2Command({ ...query, ContinuationToken: token })
    const page = await request(place, (options) => place.clients.exchange.send(command, options))
    const decode = decoderOf(page.EncodingType)
    const blobs = (page.Contents ?? []).map((object) => describe(decode(object.Key ?? ''), object))
    // In a bucket that is not ours alone there may be others.
    yield blobs.filter(({ key }) => isKey(key))
    token = page.NextContinuationToken
  } while (token !== undefined)
}

export interface UnfinishedUpload {
  key: string
  uploadId: string
}

/** Uploads of keys that begin with a text that were begun and not ended; none where the server does not tell. */
export async function unfinishedUploads(place: S3Place, prefix: string): Promise<UnfinishedUpload[]> {
  const query = { Bucket: place.bucket, Prefix: prefix, EncodingType: 'url' as const }
  const found: UnfinishedUpload[] = []
  let page = await askForUploads(place, query)
  for (;;) {
    const decode = decoderOf(page.EncodingType)
    for (const { Key, UploadId } of page.Uploads ?? [])
      if (Key && UploadId) found.push({ key: decode(Key), uploadId: UploadId })
    if (!page.IsTruncated) return found
    const markers = { KeyMarker: decode(page.NextKeyMarker ?? ''), UploadIdMarker: page.NextUploadIdMarker }
    page = await askForUploads(place, { ...query, ...markers })
  }
}

async function askForUploads(
  place: S3Place,
  query: ListMultipartUploadsCommandInput,
): Promise<Omit<ListMultipartUploadsCommandOutput, '$metadata'>> {
  const command = new ListMultipartUploadsCommand(query)
  return request(place, (options) => place.clients.exchange.send(command, options)).catch(
    (error: unknown) => {
      // A right that restricted keys often lack, and a request that simple servers do not know.
      if (statusOf(error) === 403 || statusOf(error) === 501) return {}
      throw error
    },
  )
}

/** Keys come encoded, as XML cannot carry all of them, from servers that can do this. */
const decoderOf = (encoding: string | undefined) => (text: string) =>
  encoding === 'url' ? decodeURIComponent(text.replaceAll('+', ' ')) : text
