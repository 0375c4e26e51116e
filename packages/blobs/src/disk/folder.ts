import { constants } from 'node:fs'
import { lstat, mkdir, open, readdir, rename, rmdir } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { BlobStoreError, InvalidBlobError } from '../errors.ts'
import { isKey, mayBeginKey } from '../key.ts'

// Between the making of a folder and the move into it, a deletion beside it may take the empty folder away again.
const moveTries = 20

/** Path of a key's file below a folder, or undefined when there is no way to it but through a link, or none at all. */
export async function findPath(root: string, key: string): Promise<string | undefined> {
  let path = root
  for (const name of key.split('/').slice(0, -1)) {
    path = join(path, name)
    if (!(await isFolder(path))) return undefined
  }
  return join(path, basename(key))
}

const isFolder = (path: string) =>
  lstat(path).then(
    (found) => found.isDirectory(),
    () => false,
  )

/** Moves a file to a key's place below a folder, on the disk too when it resolves. */
export async function moveToKey(draft: string, root: string, key: string): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      const folder = await makeFolders(root, key.split('/').slice(0, -1))
      await rename(draft, join(folder, basename(key)))
      return await syncFolder(folder)
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code === 'EISDIR' || code === 'ENOTEMPTY' || code === 'EEXIST')
        throw new InvalidBlobError('this key is the beginning of other blobs’ keys')
      if (code !== 'ENOENT' || tries === moveTries) throw error
    }
  }
}

/** Makes folders one by one, as each has to be one of ours and not a link, before anything is made in it. */
async function makeFolders(root: string, names: string[]): Promise<string> {
  let path = root
  for (const name of names) {
    const parent = path
    path = join(path, name)
    const made = await mkdir(path, 0o700).then(
      () => true,
      (error: NodeJS.ErrnoException) => {
        if (error.code === 'EEXIST') return false
        throw error
      },
    )
    if (made) await syncFolder(parent)
    else await checkFolder(path)
  }
  return path
}

async function checkFolder(path: string): Promise<void> {
  const found = await lstat(path)
  if (found.isDirectory()) return
  if (found.isFile()) throw new InvalidBlobError('the beginning of this key is the key of another blob')
  throw new BlobStoreError('something is in the way of a folder: a link or a device; remove it')
}

/** Has the system write to the disk which files a folder has. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, constants.O_RDONLY).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  await folder?.sync().finally(() => folder.close())
}

/** Removes the folders above a deleted file, as far as they are empty. */
export async function removeEmptyFolders(root: string, deleted: string): Promise<void> {
  for (let path = dirname(deleted); path !== root && path.startsWith(root); path = dirname(path)) {
    const removed = await rmdir(path).then(
      () => true,
      () => false,
    )
    if (!removed) return
  }
}

/** Keys below a folder that begin with a text. Links are neither followed nor told of. */
export async function* keysBelow(root: string, prefix: string): AsyncGenerator<string> {
  if (!mayBeginKey(prefix)) return
  const start = prefix.slice(0, prefix.lastIndexOf('/') + 1)
  const path = await findPath(root, `${start}any`)
  if (path !== undefined) yield* walk(dirname(path), start, prefix)
}

async function* walk(folder: string, folderKey: string, prefix: string): AsyncGenerator<string> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    // It was deleted while the list was read.
    if (error.code === 'ENOENT') return []
    throw error
  })
  for (const entry of entries) {
    const key = folderKey + entry.name
    if (!key.startsWith(prefix)) continue
    if (entry.isFile() && isKey(key)) yield key
    if (entry.isDirectory()) yield* walk(join(folder, entry.name), `${key}/`, prefix)
  }
}
