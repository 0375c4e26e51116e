import { type BigIntStats, constants } from 'node:fs'
import { lstat, mkdir, open, realpath, rm, unlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Readable } from 'node:stream'
import type { BlobInfo, BlobStore, PutOptions } from '../blob-store.ts'
import { checkDeletedPrefix, checkKey, checkPut, checkRange } from '../checks.ts'
import { bytesOf, contentOf, type ReadContent, readThrough, writeAll } from '../content.ts'
import { contentTypeOf } from '../content-type.ts'
import { BlobNotFoundError, BlobStoreError, BlobStoreFullError } from '../errors.ts'
import { writeWholeFile } from '../local-file.ts'
import { removeStaleDrafts, writeDraft } from './draft.ts'
import { findPath, keysBelow, moveToKey, removeEmptyFolders, syncFolder } from './folder.ts'
import { type OpenedLink, openLink, signLink } from './link.ts'

export interface DiskOptions {
  /** Folder that the store has for itself; several processes may use it at once. */
  directory: string
  /** Signs links: 32 bytes or more that only this server's processes know. */
  signingKey: Buffer
}

export interface DiskBlobStore extends BlobStore {
  /** What a link of this store opens; it comes as a URL, or as path and query of a request. */
  openLink(link: string | URL, now: Date): OpenedLink
}

/** Keeps blobs as files of their own names below `files/`, each written to `incoming/` first. */
export function createDiskBlobStore({ directory, signingKey }: DiskOptions): DiskBlobStore {
  if (signingKey.length < 32) throw new RangeError('a signing key has 32 bytes or more')
  const incoming = join(directory, 'incoming')
  const root = () => realpath(join(directory, 'files'))

  const store = async (key: string, content: ReadContent, options: PutOptions): Promise<BlobInfo> => {
    const draft = await writeDraft(incoming, content, options)
    try {
      options.signal?.throwIfAborted()
      await moveToKey(draft.path, await root(), key)
    } catch (error) {
      await rm(draft.path, { force: true })
      throw withoutPath(error as NodeJS.ErrnoException)
    }
    return describe(key, draft.stats)
  }

  const stat = async (key: string): Promise<BlobInfo | undefined> => {
    checkKey(key)
    const path = await findPath(await root(), key)
    const found = path === undefined ? undefined : await lstat(path, { bigint: true }).catch(ignoreAbsence)
    return found?.isFile() ? describe(key, found) : undefined
  }

  const openBlob = async (key: string) => {
    checkKey(key)
    const path = await findPath(await root(), key)
    const isThere = path !== undefined && (await lstat(path).catch(ignoreAbsence))?.isFile()
    if (!isThere) throw new BlobNotFoundError()
    const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW).catch(ignoreAbsence)
    if (!file) throw new BlobNotFoundError()
    return file
  }

  const remove = async (key: string): Promise<boolean> => {
    const files = await root()
    const path = await findPath(files, key)
    if (path === undefined || !(await lstat(path).catch(ignoreAbsence))?.isFile()) return false
    const wasThere = await unlink(path).then(() => true, ignoreAbsence)
    await syncFolder(dirname(path))
    await removeEmptyFolders(files, path)
    return wasThere ?? false
  }

  return {
    name: `disk at ${directory}`,
    prepare: () => prepare(directory, incoming),
    putFile: async (key, path, options) => {
      checkPut(key, options)
      await using source = await open(path)
      return await store(key, contentOf(source), options)
    },
    put: async (key, content, options) => {
      checkPut(key, options)
      return store(key, contentOf(bytesOf(content)), options)
    },
    stat,
    read: async (key, range) => {
      if (range) checkRange(range)
      const file = await openBlob(key)
      if (!range) return file.createReadStream()
      if (range.start < range.end) return file.createReadStream({ start: range.start, end: range.end - 1 })
      await file.close()
      return Readable.from([])
    },
    getFile: async (key, path, { signal } = {}) => {
      await using source = await openBlob(key)
      await writeWholeFile(path, async (draft) => {
        await readThrough(contentOf(source), async (bytes, position) => {
          signal?.throwIfAborted()
          await writeAll(draft, bytes, position)
        })
      })
    },
    list: async function* (prefix) {
      for await (const key of keysBelow(await root(), prefix)) {
        const info = await stat(key)
        if (info) yield info
      }
    },
    delete: async (key) => {
      checkKey(key)
      await remove(key)
    },
    deletePrefix: async (prefix) => {
      checkDeletedPrefix(prefix)
      let deleted = 0
      for await (const key of keysBelow(await root(), prefix)) if (await remove(key)) deleted++
      return deleted
    },
    link: async (key, options) => signLink(key, { ...options, signingKey, now: new Date() }),
    openLink: (link, now) => openLink(link, { signingKey, now }),
  }
}

async function prepare(directory: string, incoming: string): Promise<void> {
  try {
    await mkdir(join(directory, 'files'), { recursive: true, mode: 0o700 })
    await mkdir(incoming, { recursive: true, mode: 0o700 })
    await removeStaleDrafts(incoming, new Date())
    const trial = await writeDraft(incoming, contentOf(Buffer.from('trial')))
    await rm(trial.path)
  } catch (error) {
    const reason = (error as Error).message
    throw new BlobStoreError(
      `blobs cannot be kept in ${directory}, change the folder or its owner: ${reason}`,
      {
        setting: 'directory',
        cause: error,
      },
    )
  }
}

/** A fault of the system as one of ours: its message would name the path, in which there are names of rooms. */
function withoutPath(error: NodeJS.ErrnoException): Error {
  if (error.code === undefined || error.path === undefined) return error
  if (error.code === 'ENOSPC' || error.code === 'EDQUOT')
    return new BlobStoreFullError('no space is left for blobs')
  return new BlobStoreError(`the disk does not take a blob: ${error.code}`)
}

const describe = (key: string, { ino, size, mtimeNs, mtime }: BigIntStats): BlobInfo => ({
  key,
  sizeBytes: Number(size),
  contentType: contentTypeOf(key),
  modifiedAt: mtime,
  etag: `"${ino.toString(36)}-${size.toString(36)}-${mtimeNs.toString(36)}"`,
})

function ignoreAbsence(error: NodeJS.ErrnoException): undefined {
  if (!['ENOENT', 'ENOTDIR', 'ELOOP'].includes(error.code ?? '')) throw error
}
