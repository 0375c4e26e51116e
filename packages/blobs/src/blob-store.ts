import type { Readable } from 'node:stream'

/** What is known of a blob without reading it. */
export interface BlobInfo {
  key: string
  sizeBytes: number
  /** As the ending of the key says. */
  contentType: string
  modifiedAt: Date
  /** Another for each content that was stored; an HTTP entity tag in its quotes. */
  etag: string
}

export interface PutOptions {
  /** The one that the ending of the key says: `contentTypeOf(key)`. */
  contentType: string
  signal?: AbortSignal
  /** How much of it is stored so far; never less than before. */
  onProgress?: (sentBytes: number) => void
}

export interface LinkOptions {
  /** Seven days at most. */
  expiresInSeconds: number
  /** What a browser saves it as. */
  fileName: string
  /** Public origin of this server, for a store that it serves itself. */
  origin: string
}

/**
 * Where files are kept that outlive a process: a folder, or a bucket of an S3 server.
 *
 * Keys are names joined by `/`, as `isKey` says. A name is never both a blob and the beginning of another (`a` and `a/b`): a
 * folder cannot hold that. A file system that does not tell `A` from `a` does not tell such keys apart either.
 */
export interface BlobStore {
  /** Driver and place, for the log and the doctor; without credentials. */
  readonly name: string
  /** Makes the place ready and tries it; rejects with what to change. */
  prepare(): Promise<void>
  /**
   * Stores a local file under a key, in place of what is there, and resolves when size and checksum are verified. The old
   * content stays until the new one is whole. What may pass, such as a server that is away, is tried again until `signal`
   * aborts; a store that is full rejects with BlobStoreFullError.
   */
  putFile(key: string, path: string, options: PutOptions): Promise<BlobInfo>
  /** As `putFile`, with content in memory. */
  put(key: string, content: Buffer | string, options: PutOptions): Promise<BlobInfo>
  stat(key: string): Promise<BlobInfo | undefined>
  /**
   * A byte range (`end` exclusive, cut off at the size) or all, of the content at this moment: it may be replaced while it is
   * read. Rejects with BlobNotFoundError. What is not read to its end must be destroyed.
   */
  read(key: string, range?: { start: number; end: number }): Promise<Readable>
  /** Copies a blob to a local file, which is there whole or not at all; goes on over broken connections until `signal` aborts. */
  getFile(key: string, path: string, options?: { signal?: AbortSignal }): Promise<void>
  /** Blobs whose keys begin with a text, in no particular order. */
  list(prefix: string): AsyncIterable<BlobInfo>
  /** Deletes a blob, and what an unfinished upload left of it. That there is none is no error. */
  delete(key: string): Promise<void>
  /** Deletes all whose keys begin with a text, which must not be empty; resolves to how many there were. */
  deletePrefix(prefix: string): Promise<number>
  /** A URL that downloads the blob without further credentials until it expires. */
  link(key: string, options: LinkOptions): Promise<string>
}
