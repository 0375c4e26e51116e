// An entry of its own, so that only who keeps blobs in S3 loads the client for it.
export type { S3Settings } from './s3/settings.ts'
export { createS3BlobStore, type S3Options } from './s3/store.ts'
