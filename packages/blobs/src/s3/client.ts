import { S3Client } from '@aws-sdk/client-s3'
import type { S3Settings } from './settings.ts'

const connectTimeoutMs = 10_000

export interface S3Clients {
  /** For exchanges; given up when nothing moves for a time. */
  exchange: S3Client
  /** For content that is read, whose reader may pause for as long as it likes. */
  reading: S3Client
  /** Signs links and sends nothing. */
  linking: S3Client
}

/** Clients of one server. They hold no connection that would keep the process alive. */
export function createClients(settings: S3Settings, idleTimeoutMs: number): S3Clients {
  const common = {
    region: settings.region,
    credentials: { accessKeyId: settings.accessKey, secretAccessKey: settings.secretKey },
    forcePathStyle: true,
    // The body of each request is signed with its SHA-256, which every server checks; trailers with more checksums are
    // refused by some.
    requestChecksumCalculation: 'WHEN_REQUIRED' as const,
    responseChecksumValidation: 'WHEN_REQUIRED' as const,
    // Not every proxy answers `Expect: 100-continue`, and each part would wait for that.
    expectContinueHeader: false,
    // What is tried again, and when, is decided here and not in the library.
    maxAttempts: 1,
    // Otherwise looked for in the environment and in files of the user.
    retryMode: 'standard',
    defaultsMode: 'standard' as const,
    useFipsEndpoint: false,
    useDualstackEndpoint: false,
    useArnRegion: false,
  }
  const handler = { connectionTimeout: connectTimeoutMs, throwOnRequestTimeout: true }
  const { endpoint, publicEndpoint = endpoint } = settings
  return {
    exchange: new S3Client({
      ...common,
      endpoint,
      requestHandler: { ...handler, socketTimeout: idleTimeoutMs },
    }),
    reading: new S3Client({ ...common, endpoint, requestHandler: handler }),
    linking: new S3Client({ ...common, endpoint: publicEndpoint }),
  }
}
