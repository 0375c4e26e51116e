import { BlobStoreError } from '@rtcstack/blobs'

/** What the settings of a store are called in the environment. */
const settingNames: Record<string, string> = {
  endpoint: 'MINIO_ENDPOINT',
  publicEndpoint: 'MINIO_PUBLIC_ENDPOINT',
  bucket: 'MINIO_BUCKET',
  accessKey: 'MINIO_ACCESS_KEY',
  secretKey: 'MINIO_SECRET_KEY',
  region: 'MINIO_REGION',
}

/** What a store says is wrong, with the setting to change by our name for it. */
export function describeBlobFault(error: unknown): string {
  const { message } = error as Error
  if (!(error instanceof BlobStoreError) || error.setting === undefined) return message
  const name = settingNames[error.setting]
  // The store names it where its text begins, or where it says what to change; elsewhere it means the thing.
  return name ? message.replace(new RegExp(`(^|change )${error.setting}\\b`), `$1${name}`) : message
}
