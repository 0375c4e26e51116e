import { randomUUID } from 'node:crypto'
import { readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { BlobStore } from '../blob-store.ts'
import { BlobNotFoundError, InvalidBlobError } from '../errors.ts'
import { temporaryFolder, textOf } from './files.ts'

const text = { contentType: 'text/plain; charset=utf-8' }
const newKey = () => `content/${randomUUID()}.txt`

/** What is stored is what is read, whoever else is at it. */
export function contentPromises(store: () => BlobStore): void {
  test('what is put is read again, and known by size, type, time and tag', async () => {
    const key = newKey()
    const before = Date.now()
    const info = await store().put(key, 'grüße', text)
    expect(info).toMatchObject({ key, sizeBytes: 7, ...text })
    expect(info.etag).toMatch(/^".+"$/)
    // S3 tells the time in whole seconds.
    expect(Math.abs(info.modifiedAt.getTime() - before)).toBeLessThan(5000)
    const known = await store().stat(key)
    expect({ ...known, modifiedAt: 0 }).toEqual({ ...info, modifiedAt: 0 })
    expect(await textOf(await store().read(key))).toBe('grüße')
  })

  test('an empty blob is a blob', async () => {
    const key = newKey()
    expect(await store().put(key, '', text)).toMatchObject({ sizeBytes: 0 })
    expect(await textOf(await store().read(key))).toBe('')
    expect(await textOf(await store().read(key, { start: 0, end: 10 }))).toBe('')
    await using folder = await temporaryFolder()
    await store().getFile(key, join(folder.path, 'copy'))
    expect((await stat(join(folder.path, 'copy'))).size).toBe(0)
    await store().putFile(key, join(folder.path, 'copy'), text)
    expect(await store().stat(key)).toMatchObject({ sizeBytes: 0 })
  })

  test('a range is what lies in it: the end is not, and what goes beyond the blob is cut off', async () => {
    const key = newKey()
    await store().put(key, '0123456789', text)
    const read = async (start: number, end: number) => textOf(await store().read(key, { start, end }))
    expect(await read(0, 1)).toBe('0')
    expect(await read(2, 5)).toBe('234')
    expect(await read(0, 10)).toBe('0123456789')
    expect(await read(8, 100)).toBe('89')
    expect(await read(10, 12)).toBe('')
    expect(await read(3, 3)).toBe('')
    for (const [start, end] of [
      [-1, 2],
      [3, 2],
      [0.5, 2],
      [0, Number.NaN],
    ] as const)
      await expect(read(start, end)).rejects.toThrow(InvalidBlobError)
  })

  test('what is not there is told apart from faults', async () => {
    const key = newKey()
    await using folder = await temporaryFolder()
    expect(await store().stat(key)).toBeUndefined()
    await expect(store().read(key)).rejects.toThrow(BlobNotFoundError)
    await expect(store().read(key, { start: 1, end: 1 })).rejects.toThrow(BlobNotFoundError)
    await expect(store().read(key, { start: 1, end: 2 })).rejects.toThrow(BlobNotFoundError)
    await expect(store().getFile(key, join(folder.path, 'copy'))).rejects.toThrow(BlobNotFoundError)
    await expect(stat(join(folder.path, 'copy'))).rejects.toThrow('ENOENT')
    await expect(store().putFile(key, join(folder.path, 'none'), text)).rejects.toThrow('ENOENT')
  })

  test('a blob is replaced as a whole, and its tag with it', async () => {
    const key = newKey()
    const first = await store().put(key, 'a long first content', text)
    const second = await store().put(key, 'second', text)
    expect(second.etag).not.toBe(first.etag)
    expect(await textOf(await store().read(key))).toBe('second')
  })

  test('who reads while it is replaced or deleted gets all of what was there', async () => {
    const key = newKey()
    const old = 'old'.repeat(1_000_000)
    await store().put(key, old, text)
    const whileReplaced = await store().read(key)
    await store().put(key, 'new', text)
    expect((await textOf(whileReplaced)) === old).toBe(true)
    await store().put(key, old, text)
    const whileDeleted = await store().read(key)
    await store().delete(key)
    expect((await textOf(whileDeleted)) === old).toBe(true)
  })

  test('of puts under one key at once, one is there whole in the end', async () => {
    const key = newKey()
    const contents = Array.from({ length: 8 }, (_, index) => `${index}`.repeat(100_000 + index))
    const infos = await Promise.all(contents.map((content) => store().put(key, content, text)))
    expect(infos).toHaveLength(contents.length)
    const left = await textOf(await store().read(key))
    expect(contents.includes(left)).toBe(true)
    expect(await store().stat(key)).toMatchObject({ sizeBytes: left.length })
  })

  test('a put that is aborted before it begins rejects with the reason, and changes nothing', async () => {
    const key = newKey()
    await store().put(key, 'old', text)
    const reason = new Error('given up')
    const put = store().put(key, 'new', { ...text, signal: AbortSignal.abort(reason) })
    await expect(put).rejects.toBe(reason)
    expect(await textOf(await store().read(key))).toBe('old')
  })

  test('a copy replaces the local file that was there, and is private', async () => {
    const key = newKey()
    await store().put(key, 'content', text)
    await using folder = await temporaryFolder()
    const copy = join(folder.path, 'copy')
    await writeFile(copy, 'what was there')
    await store().getFile(key, copy)
    expect(await readFile(copy, 'utf8')).toBe('content')
    expect((await stat(copy)).mode & 0o777).toBe(0o600)
  })

  test('a blob may be deleted twice', async () => {
    const key = newKey()
    await store().put(key, 'content', text)
    await store().delete(key)
    await store().delete(key)
    expect(await store().stat(key)).toBeUndefined()
  })

  test('the type is the one that the ending of the key says, and no other can be given', async () => {
    const endings = {
      mp4: 'video/mp4',
      ogg: 'audio/ogg',
      JSON: 'application/json',
      xyz: 'application/octet-stream',
    }
    for (const [ending, contentType] of Object.entries(endings)) {
      const key = `types/${randomUUID()}.${ending}`
      expect(await store().put(key, 'x', { contentType })).toMatchObject({ contentType })
      expect(await store().stat(key)).toMatchObject({ contentType })
      await expect(store().put(key, 'x', { contentType: 'text/html' })).rejects.toThrow(InvalidBlobError)
    }
  })
}
