import { randomUUID } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import type { BlobStore } from '../blob-store.ts'
import { buffersInUse, digestOf, digestOfFile, temporaryFolder, textOf, writeRandomFile } from './files.ts'

const video = { contentType: 'video/mp4' }
const mebibyte = 1 << 20
const newKey = () => `large/${randomUUID()}.mp4`

/** Files that are not held in memory. */
export function largePromises(store: () => BlobStore): void {
  test('a file of 64 MiB goes there and back, in less memory than half of it', {
    timeout: 60_000,
  }, async () => {
    await using folder = await temporaryFolder()
    const [original, copy] = [join(folder.path, 'original'), join(folder.path, 'copy')]
    const digest = await writeRandomFile(original, 64 * mebibyte)
    const key = newKey()
    const atRest = buffersInUse()
    let most = 0
    const sent: number[] = []
    const onProgress = (sentBytes: number) => {
      sent.push(sentBytes)
      most = Math.max(most, buffersInUse() - atRest)
    }
    expect(await store().putFile(key, original, { ...video, onProgress })).toMatchObject({
      sizeBytes: 64 * mebibyte,
    })
    expect(most).toBeLessThan(32 * mebibyte)
    expect(sent.length).toBeGreaterThan(4)
    expect(sent).toEqual(sent.toSorted((one, other) => one - other))
    expect(sent.at(-1)).toBe(64 * mebibyte)
    await store().getFile(key, copy)
    expect(await digestOfFile(copy)).toBe(digest)
    expect(await digestOf(await store().read(key))).toBe(digest)
    const range = { start: 40 * mebibyte - 3, end: 40 * mebibyte + 5 }
    const part = await buffer(await store().read(key, range))
    expect(part.length).toBe(8)
    expect((await readdir(folder.path)).sort()).toEqual(['copy', 'original'])
  })

  test('a put that is aborted half-way leaves the old content, and rejects with the reason', {
    timeout: 60_000,
  }, async () => {
    await using folder = await temporaryFolder()
    const original = join(folder.path, 'original')
    await writeRandomFile(original, 64 * mebibyte)
    const key = newKey()
    await store().put(key, 'old', video)
    const giving = new AbortController()
    const reason = new Error('given up')
    let sent = 0
    const put = store().putFile(key, original, {
      ...video,
      signal: giving.signal,
      onProgress: (sentBytes) => {
        sent = sentBytes
        if (sentBytes > 10 * mebibyte) giving.abort(reason)
      },
    })
    await expect(put).rejects.toBe(reason)
    expect(sent).toBeLessThan(64 * mebibyte)
    expect(await textOf(await store().read(key))).toBe('old')
    expect(await Array.fromAsync(store().list(key), ({ sizeBytes }) => sizeBytes)).toEqual([3])
  })

  test('a copy that is aborted leaves no file', async () => {
    await using folder = await temporaryFolder()
    const key = newKey()
    await store().put(key, Buffer.alloc(8 * mebibyte), video)
    const reason = new Error('given up')
    const signal = AbortSignal.abort(reason)
    await expect(store().getFile(key, join(folder.path, 'copy'), { signal })).rejects.toBe(reason)
    expect(await readdir(folder.path)).toEqual([])
  })

  test('a reader may stop half-way', async () => {
    const key = newKey()
    await store().put(key, Buffer.alloc(32 * mebibyte), video)
    const stream = await store().read(key)
    for await (const chunk of stream) {
      expect(chunk.length).toBeGreaterThan(0)
      break
    }
    expect(stream.destroyed).toBe(true)
    await store().delete(key)
  })
}
