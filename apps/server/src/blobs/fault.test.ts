import { BlobStoreError } from '@rtcstack/blobs'
import { createS3BlobStore } from '@rtcstack/blobs/s3'
import { hasS3Server, startS3Server } from '@rtcstack/testkit'
import { expect, test } from 'vitest'
import { describeBlobFault } from './fault.ts'

const settings = {
  endpoint: 'http://127.0.0.1:1',
  bucket: 'bucket',
  accessKey: 'key',
  secretKey: 'secret',
  region: 'us-east-1',
}

test.each([
  [{ bucket: '' }, 'MINIO_BUCKET is empty; set it'],
  [{ accessKey: '' }, 'MINIO_ACCESS_KEY is empty; set it'],
  [{ endpoint: 'http://user:word@host' }, 'MINIO_ENDPOINT has to be a URL'],
  [{ publicEndpoint: 'http://host?x=1' }, 'MINIO_PUBLIC_ENDPOINT has to be a URL'],
])('what is wrong with %o is said with our name of the setting', (wrong, text) => {
  let message = ''
  try {
    createS3BlobStore({ ...settings, ...wrong })
  } catch (error) {
    message = describeBlobFault(error)
  }
  expect(message).toContain(text)
})

test('a server that is away is said with the setting to change, and what else is called so stays', async () => {
  const store = createS3BlobStore({ ...settings, bucket: 'endpoint' }, { delayMs: () => 0 })
  const message = await store.prepare().then(() => '', describeBlobFault)
  expect(message).toBe(
    'S3 bucket endpoint at http://127.0.0.1:1: no server listens there (ECONNREFUSED); change MINIO_ENDPOINT',
  )
})

test.skipIf(!hasS3Server())('wrong keys are told apart, with the setting to change', async () => {
  await using s3 = await startS3Server()
  const right = { ...settings, endpoint: s3.endpoint, accessKey: s3.accessKey, region: s3.region }
  const faultOf = (given: typeof settings) =>
    createS3BlobStore(given)
      .prepare()
      .then(() => '', describeBlobFault)
  expect(await faultOf(right)).toContain('change MINIO_SECRET_KEY')
  expect(await faultOf({ ...right, accessKey: 'nobody' })).toContain('change MINIO_ACCESS_KEY')
})

test('what names no setting is said as it is', () => {
  expect(describeBlobFault(new BlobStoreError('the clocks differ'))).toBe('the clocks differ')
  expect(describeBlobFault(new BlobStoreError('change folder', { setting: 'directory' }))).toBe(
    'change folder',
  )
  expect(describeBlobFault(new Error('change bucket'))).toBe('change bucket')
})
