import { BlobNotFoundError, BlobStoreError, BlobStoreFullError } from '@rtcstack/blobs'
import { type ProblemError, problems } from '../http/problem.ts'

/** Names what a blob store threw; undefined where it was something else. */
export function problemOfBlobs(error: unknown): ProblemError | undefined {
  if (error instanceof BlobNotFoundError) return problems.fileNotFound()
  if (error instanceof BlobStoreError || error instanceof BlobStoreFullError)
    return problems.storageUnavailable(error)
  return undefined
}
