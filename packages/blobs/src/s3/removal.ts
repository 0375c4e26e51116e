import { DeleteObjectCommand } from '@aws-sdk/client-s3'
import { checkDeletedPrefix, checkKey } from '../checks.ts'
import { pagesOf, unfinishedUploads } from './listing.ts'
import { forgetUpload } from './parts.ts'
import { request, type S3Place } from './place.ts'

const deletionsAtOnce = 8

/** Deletes a blob, and the parts that an upload of it left. */
export async function removeBlob(place: S3Place, key: string): Promise<void> {
  checkKey(key)
  await remove(place, key)
  for (const upload of await unfinishedUploads(place, key))
    if (upload.key === key) await forgetUpload(place, key, upload.uploadId)
}

/** Deletes all blobs whose keys begin with a text, and the parts that uploads of such left; how many blobs they were. */
export async function removeAll(place: S3Place, prefix: string): Promise<number> {
  checkDeletedPrefix(prefix)
  let removed = 0
  for await (const page of pagesOf(place, prefix)) {
    const keys = page.map(({ key }) => key).values()
    // One at a time: servers disagree on the checksum that a request to delete many has to have.
    const removeSome = async () => {
      for (const key of keys) await remove(place, key)
    }
    await Promise.all(Array.from({ length: deletionsAtOnce }, removeSome))
    removed += page.length
  }
  for (const { key, uploadId } of await unfinishedUploads(place, prefix))
    await forgetUpload(place, key, uploadId)
  return removed
}

async function remove(place: S3Place, key: string): Promise<void> {
  const command = () => new DeleteObjectCommand({ Bucket: place.bucket, Key: key })
  await request(place, (options) => place.clients.exchange.send(command(), options))
}
