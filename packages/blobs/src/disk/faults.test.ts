import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { openSync, readdirSync, writeSync } from 'node:fs'
import { mkdir, readdir, readFile, stat, symlink, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { temporaryFolder, textOf } from '../conformance/files.ts'
import { BlobNotFoundError, BlobStoreError, InvalidBlobError } from '../errors.ts'
import { createDiskBlobStore, type DiskBlobStore } from './store.ts'

const video = { contentType: 'video/mp4' }
const run = promisify(execFile)
const fixture = (name: string) => fileURLToPath(new URL(`${name}.fixture.ts`, import.meta.url))

let folder: Awaited<ReturnType<typeof temporaryFolder>>
let directory: string
let store: DiskBlobStore
beforeEach(async () => {
  folder = await temporaryFolder()
  directory = join(folder.path, 'blobs')
  store = createDiskBlobStore({ directory, signingKey: Buffer.alloc(32) })
  await store.prepare()
})
afterEach(() => folder[Symbol.asyncDispose]())

const drafts = () => readdir(join(directory, 'incoming'))

// A file system of its own, which goes with the process that it is made for.
const unshare = ['unshare', ...(process.getuid?.() === 0 ? ['-m'] : ['-rm'])]
const [unshareProgram = '', ...unshareArguments] = unshare
const canMount = await run(unshareProgram, [
  ...unshareArguments,
  'mount',
  '-t',
  'tmpfs',
  'tmpfs',
  '/mnt',
]).then(
  () => true,
  () => false,
)
if (!canMount) process.stderr.write('SKIPPED: a full disk, as no small one can be mounted here\n')

test.skipIf(!canMount)(
  'a full disk is told as such; the old content stays, and nothing half-written',
  async () => {
    const script = 'mount -t tmpfs -o size=4m tmpfs "$1" && exec "$2" "$3" "$1"'
    const { stdout } = await run(unshareProgram, [
      ...unshareArguments,
      ...['sh', '-c', script, 'sh', directory, process.execPath, fixture('full-disk')],
    ])
    expect(JSON.parse(stdout)).toEqual({
      refused: `BlobStoreFullError: no space is left for blobs in ${join(directory, 'incoming')}`,
      drafts: [],
      keptBytes: 1_000_000,
      afterwards: 'stored',
    })
  },
)

test('a put whose process is killed leaves the old content; its draft goes when nobody has written to it for an hour', async () => {
  await store.put('a.mp4', 'old', video)
  const child = spawn(process.execPath, [fixture('killed-put'), directory, 'a.mp4'])
  await once(child.stdout, 'data')
  child.kill('SIGKILL')
  await once(child, 'exit')
  expect(await textOf(await store.read('a.mp4'))).toBe('old')
  const [left = '', ...others] = await drafts()
  expect(others).toEqual([])
  await store.prepare()
  expect(await drafts()).toEqual([left])
  const longAgo = new Date(Date.now() - 3_700_000)
  await utimes(join(directory, 'incoming', left), longAgo, longAgo)
  await store.prepare()
  expect(await drafts()).toEqual([])
})

test('a disk that does not give back what was written to it is found out', async () => {
  const spoil = () => {
    const [draft = ''] = readdirSync(join(directory, 'incoming'))
    writeSync(openSync(join(directory, 'incoming', draft), 'r+'), 'X', 0)
  }
  const put = store.put('a.mp4', 'content', { ...video, onProgress: spoil })
  await expect(put).rejects.toThrow('does not hold what was written')
  expect(await drafts()).toEqual([])
  expect(await store.stat('a.mp4')).toBeUndefined()
})

test('files and folders are for nobody else to read', async () => {
  await store.put('a/b/c.mp4', 'content', video)
  const modeOf = async (path: string) => (await stat(join(directory, path))).mode & 0o777
  for (const path of ['.', 'files', 'incoming', 'files/a', 'files/a/b'])
    expect(await modeOf(path)).toBe(0o700)
  expect(await modeOf('files/a/b/c.mp4')).toBe(0o600)
})

test('a link in the folder leads nowhere', async () => {
  const outside = join(folder.path, 'outside')
  await mkdir(outside)
  await writeFile(join(outside, 'secret.mp4'), 'secret')
  await symlink(outside, join(directory, 'files', 'linked'))
  await symlink(join(outside, 'secret.mp4'), join(directory, 'files', 'file.mp4'))
  for (const key of ['linked/secret.mp4', 'file.mp4']) {
    expect(await store.stat(key)).toBeUndefined()
    await expect(store.read(key)).rejects.toThrow(BlobNotFoundError)
    await store.delete(key)
  }
  expect(await Array.fromAsync(store.list(''))).toEqual([])
  expect(await Array.fromAsync(store.list('linked/'))).toEqual([])
  expect(await store.deletePrefix('l')).toBe(0)
  await expect(store.put('linked/new.mp4', 'x', video)).rejects.toThrow('is in the way')
  await expect(store.put('linked/deep/new.mp4', 'x', video)).rejects.toThrow('is in the way')
  await store.put('file.mp4', 'ours', video)
  expect(await textOf(await store.read('file.mp4'))).toBe('ours')
  expect(await readFile(join(outside, 'secret.mp4'), 'utf8')).toBe('secret')
  expect(await readdir(outside)).toEqual(['secret.mp4'])
  expect(await drafts()).toEqual([])
})

test('the folder itself may be a link, as to another disk', async () => {
  const linked = join(folder.path, 'linked')
  await symlink(directory, linked)
  const other = createDiskBlobStore({ directory: linked, signingKey: Buffer.alloc(32) })
  await other.prepare()
  await other.put('a/b.mp4', 'content', video)
  expect(await textOf(await store.read('a/b.mp4'))).toBe('content')
})

test('a name is not both a blob and a folder of blobs', async () => {
  await store.put('a/b.mp4', 'content', video)
  await store.put('c.mp4', 'content', video)
  const put = (key: string) => store.put(key, 'x', { contentType: 'application/octet-stream' })
  await expect(put('a')).rejects.toThrow(InvalidBlobError)
  await expect(put('c.mp4/d')).rejects.toThrow(InvalidBlobError)
  expect(await store.stat('a')).toBeUndefined()
  expect(await drafts()).toEqual([])
})

test('folders go with their last blob', async () => {
  await store.put('a/b/c.mp4', 'content', video)
  await store.put('a/d.mp4', 'content', video)
  await store.delete('a/b/c.mp4')
  expect(await readdir(join(directory, 'files', 'a'))).toEqual(['d.mp4'])
  await store.deletePrefix('a/')
  expect(await readdir(join(directory, 'files'))).toEqual([])
})

test('a folder that cannot be made or written to is named, and what to do', async () => {
  const file = join(folder.path, 'file')
  await writeFile(file, '')
  const blocked = createDiskBlobStore({ directory: join(file, 'blobs'), signingKey: Buffer.alloc(32) })
  const error = await blocked.prepare().catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(BlobStoreError)
  expect(error).toMatchObject({ setting: 'directory', message: expect.stringContaining(join(file, 'blobs')) })
})

test('a short signing key is refused', () => {
  expect(() => createDiskBlobStore({ directory, signingKey: Buffer.alloc(31) })).toThrow(RangeError)
})
