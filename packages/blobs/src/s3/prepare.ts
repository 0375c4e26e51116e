import { randomUUID } from 'node:crypto'
import { text } from 'node:stream/consumers'
import { CreateBucketCommand, DeleteObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import { BlobStoreError } from '../errors.ts'
import { look, request, type S3Place } from './place.ts'
import { openContent } from './reading.ts'

const trial = 'trial'

/** Makes the bucket when there is none, and tries whether these keys may list, write, read and delete in it. */
export async function prepareBucket(place: S3Place): Promise<void> {
  const { exchange } = place.clients
  const Bucket = place.bucket
  const Key = `.rtcstack-trial-${randomUUID()}`
  await request(place, (options) => look(place, options)).catch((error: Error) => {
    if (error.name !== 'NoSuchBucket') throw error
    return createBucket(place)
  })
  const write = () => new PutObjectCommand({ Bucket, Key, Body: trial })
  await request(place, (options) => exchange.send(write(), options))
  // A web server of another kind may answer anything with 200.
  const { body } = await openContent(place, Key, {})
  if ((await text(body)) !== trial)
    throw new BlobStoreError('the endpoint does not give back what it was given; change endpoint', {
      setting: 'endpoint',
    })
  await request(place, (options) => exchange.send(new DeleteObjectCommand({ Bucket, Key }), options))
}

/** Of several processes that start at once, all may do this. */
async function createBucket(place: S3Place): Promise<void> {
  const { exchange } = place.clients
  const command = () => new CreateBucketCommand({ Bucket: place.bucket })
  await request(place, (options) => exchange.send(command(), options)).catch((error: Error) => {
    if (error.name !== 'BucketAlreadyOwnedByYou') throw error
  })
}
