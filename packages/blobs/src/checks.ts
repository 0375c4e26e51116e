import type { PutOptions } from './blob-store.ts'
import { contentTypeOf } from './content-type.ts'
import { InvalidBlobError } from './errors.ts'
import { isKey } from './key.ts'

// What SigV4 allows for a link.
const longestLinkSeconds = 7 * 24 * 3600

export function checkKey(key: string): void {
  if (!isKey(key)) throw new InvalidBlobError('this is no key for a blob')
}

/** A folder has no place for a content type, so it has to follow from the key. */
export function checkPut(key: string, { contentType, signal }: PutOptions): void {
  checkKey(key)
  const implied = contentTypeOf(key)
  if (contentType !== implied)
    throw new InvalidBlobError(`the ending of this key says ${implied}, but ${contentType} was given`)
  signal?.throwIfAborted()
}

/** All there is must not be one empty variable away from being deleted. */
export function checkDeletedPrefix(prefix: string): void {
  if (prefix === '') throw new InvalidBlobError('a prefix to delete must not be empty')
}

export function checkRange({ start, end }: { start: number; end: number }): void {
  if (!Number.isSafeInteger(start) || !Number.isSafeInteger(end) || start < 0 || end < start)
    throw new InvalidBlobError(`${start} to ${end} is no range of bytes`)
}

export function checkExpiry(expiresInSeconds: number): void {
  if (!Number.isInteger(expiresInSeconds) || expiresInSeconds < 1 || expiresInSeconds > longestLinkSeconds)
    throw new InvalidBlobError(`a link lasts 1 to ${longestLinkSeconds} seconds, not ${expiresInSeconds}`)
}
