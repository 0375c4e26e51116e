import { open } from 'node:fs/promises'
import { GetObjectCommand } from '@aws-sdk/client-s3'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import type { BlobStore } from '../blob-store.ts'
import { checkExpiry, checkKey, checkPut } from '../checks.ts'
import { bytesOf, contentOf } from '../content.ts'
import { attachment } from '../content-disposition.ts'
import { writeWholeFile } from '../local-file.ts'
import { type Retry, spreadDelayMs } from '../retry.ts'
import { createClients } from './client.ts'
import { download } from './download.ts'
import { explain, isPassing } from './faults.ts'
import { readHead } from './info.ts'
import { pagesOf } from './listing.ts'
import type { S3Place } from './place.ts'
import { prepareBucket } from './prepare.ts'
import { read } from './reading.ts'
import { removeAll, removeBlob } from './removal.ts'
import { checkSettings, type S3Settings } from './settings.ts'
import { upload } from './upload.ts'

export interface S3Options {
  /** 8 MiB unless told; S3 servers want 5 or more. Two of them are in memory during an upload. */
  partSizeBytes?: number
  /** How long a server may be silent while content is under way; 60 s unless told. Small requests have 10 s at most. */
  idleTimeoutMs?: number
  /** Pause after so many failures in a row; up to 15 s unless told. */
  delayMs?: (failures: number) => number
  /** Hears of each failure that is followed by another try. */
  onRetry?: (retry: Retry) => void
}

/** Keeps blobs in a bucket of an S3 server; any that speaks Signature Version 4 and takes the bucket in the path. */
export function createS3BlobStore(settings: S3Settings, options: S3Options = {}): BlobStore {
  checkSettings(settings)
  const { partSizeBytes = 8 << 20, idleTimeoutMs = 60_000, delayMs = spreadDelayMs, onRetry } = options
  const { bucket } = settings
  const name = `S3 bucket ${bucket} at ${settings.endpoint}`
  const place: S3Place = {
    bucket,
    clients: createClients(settings, idleTimeoutMs),
    partSizeBytes,
    idleTimeoutMs,
    answerTimeoutMs: Math.min(idleTimeoutMs, 10_000),
    policy: {
      isPassing,
      delayMs,
      onRetry: (retry) => onRetry?.({ ...retry, error: explain(retry.error, name) }),
    },
  }
  const explained = <T>(work: () => Promise<T>): Promise<T> =>
    work().catch((error: unknown) => {
      throw explain(error, name)
    })

  return {
    name,
    prepare: () => explained(() => prepareBucket(place)),
    putFile: (key, path, given) =>
      explained(async () => {
        checkPut(key, given)
        await using file = await open(path)
        const { size } = await file.stat()
        return await upload(place, { ...given, key, content: contentOf(file), sizeBytes: size })
      }),
    put: (key, content, given) =>
      explained(async () => {
        checkPut(key, given)
        const bytes = bytesOf(content)
        return upload(place, { ...given, key, content: contentOf(bytes), sizeBytes: bytes.length })
      }),
    stat: (key) =>
      explained(async () => {
        checkKey(key)
        return (await readHead(place, key))?.info
      }),
    read: (key, range) => explained(() => read(place, key, range)),
    getFile: (key, path, { signal } = {}) =>
      explained(async () => {
        checkKey(key)
        await writeWholeFile(path, (draft) => download(place, key, draft, signal))
      }),
    list: async function* (prefix) {
      try {
        for await (const page of pagesOf(place, prefix)) yield* page
      } catch (error) {
        throw explain(error, name)
      }
    },
    delete: (key) => explained(() => removeBlob(place, key)),
    deletePrefix: (prefix) => explained(() => removeAll(place, prefix)),
    link: async (key, { expiresInSeconds, fileName }) => {
      checkKey(key)
      checkExpiry(expiresInSeconds)
      const command = new GetObjectCommand({
        Bucket: bucket,
        Key: key,
        ResponseContentDisposition: attachment(fileName),
      })
      return getSignedUrl(place.clients.linking, command, { expiresIn: expiresInSeconds })
    },
  }
}
