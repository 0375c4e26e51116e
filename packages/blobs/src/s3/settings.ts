import { BlobStoreError } from '../errors.ts'

export interface S3Settings {
  /** URL of the server, such as `https://s3.example.com`. */
  endpoint: string
  /** URL that browsers reach the same server at, for links; `endpoint` unless given. */
  publicEndpoint?: string | undefined
  bucket: string
  accessKey: string
  secretKey: string
  region: string
}

export function checkSettings(settings: S3Settings): void {
  checkEndpoint('endpoint', settings.endpoint)
  if (settings.publicEndpoint !== undefined) checkEndpoint('publicEndpoint', settings.publicEndpoint)
  for (const setting of ['bucket', 'accessKey', 'secretKey', 'region'] as const)
    if (settings[setting] === '') throw new BlobStoreError(`${setting} is empty; set it`, { setting })
}

function checkEndpoint(setting: 'endpoint' | 'publicEndpoint', value: string): void {
  const url = URL.parse(value)
  if (!url || !/^https?:$/.test(url.protocol) || url.username || url.password || url.search || url.hash)
    throw new BlobStoreError(
      `${setting} has to be a URL such as https://s3.example.com, with nothing secret in it; change it`,
      { setting },
    )
}
