import { type FileHandle, open } from 'node:fs/promises'

/** A file that grows, and whose writer never waits for the disk. */
export interface AppendFile {
  /** Keeps the bytes until they are flushed. */
  append(bytes: Buffer): void
  /** Hands what is kept to the system, which has it even if this process is killed. Resolves when it has, or cannot. */
  flush(): Promise<void>
  /** Resolves when everything is on the disk, or cannot be: to whether it is. */
  close(): Promise<boolean>
}

export interface AppendFileOptions {
  path: string
  /** `ax` makes a new file, `a` goes on in one. */
  flags: 'ax' | 'a'
  /** Once; what is appended from then on is dropped. */
  failed(error: Error): void
}

const flushAtBytes = 256 * 1024
/** Half a minute of a large picture. */
const mostKeptBytes = 16 * 2 ** 20
const syncEveryMs = 4_000

/** The error for a disk that does not keep up. */
export class SlowDiskError extends Error {
  override name = 'SlowDiskError'
}

export function openAppendFile({ path, flags, failed }: AppendFileOptions): AppendFile {
  const opening = open(path, flags, 0o600)
  let kept: Buffer[] = []
  let keptBytes = 0
  let unflushedBytes = 0
  let writing: Promise<void> | undefined
  let syncing: Promise<void> | undefined
  let syncedAtMs = performance.now()
  let hasFailed = false
  let closed: Promise<boolean> | undefined

  const fail = (error: unknown) => {
    kept = []
    keptBytes = unflushedBytes = 0
    if (hasFailed) return
    hasFailed = true
    failed(error as Error)
  }
  // Beside the writes: only a power cut loses what waits for it.
  const sync = (file: FileHandle) => {
    if (syncing || performance.now() - syncedAtMs < syncEveryMs) return
    syncedAtMs = performance.now()
    syncing = file
      .datasync()
      .catch(fail)
      .finally(() => {
        syncing = undefined
      })
  }
  const write = async () => {
    try {
      const file = await opening
      while (kept.length > 0) {
        const bytes = Buffer.concat(kept)
        kept = []
        unflushedBytes = 0
        await file.appendFile(bytes)
        keptBytes -= bytes.length
        sync(file)
      }
    } catch (error) {
      fail(error)
    }
    writing = undefined
  }
  const flush = async () => {
    if (kept.length > 0) writing ??= write()
    await writing
  }
  const close = async () => {
    await flush()
    await syncing
    const file = await opening.catch(fail)
    await file?.datasync().catch(fail)
    await file?.close().catch(fail)
    return !hasFailed
  }
  opening.catch(fail)

  return {
    append: (bytes) => {
      if (hasFailed || closed) return
      kept.push(bytes)
      keptBytes += bytes.length
      unflushedBytes += bytes.length
      if (keptBytes > mostKeptBytes) fail(new SlowDiskError(`${path} takes less than comes in`))
      else if (unflushedBytes > flushAtBytes) void flush()
    },
    flush,
    close: () => {
      closed ??= close()
      return closed
    },
  }
}
