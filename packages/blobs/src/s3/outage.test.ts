import { mkdir, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { ListMultipartUploadsCommand } from '@aws-sdk/client-s3'
import { type FaultProxy, type S3Server, startFaultProxy, startS3Server } from '@rtcstack/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { digestOf, digestOfFile, temporaryFolder, writeRandomFile } from '../conformance/files.ts'
import { createS3BlobStore, type S3Options } from './store.ts'
import { clientOf, mebibyte, requestsOf, whereThereIsS3 } from './testing.ts'

const video = { contentType: 'video/mp4' }
const partSizeBytes = 5 * mebibyte
const parts = 12
const sizeBytes = parts * partSizeBytes - 1

describe.skipIf(!whereThereIsS3)('a server that is away for a time', { timeout: 60_000 }, () => {
  let server: S3Server
  let proxy: FaultProxy
  let folder: Awaited<ReturnType<typeof temporaryFolder>>
  let original: string
  let digest: string

  beforeAll(async () => {
    server = await startS3Server()
    proxy = await startFaultProxy({ targetPort: server.port })
    folder = await temporaryFolder()
    original = join(folder.path, 'original')
    digest = await writeRandomFile(original, sizeBytes)
    await createStore().prepare()
  })
  afterAll(async () => {
    await proxy.close()
    await server.stop()
    await folder[Symbol.asyncDispose]()
  })

  const createStore = (options: S3Options = {}) =>
    createS3BlobStore(
      { ...server, endpoint: `http://127.0.0.1:${proxy.port}`, bucket: 'recordings' },
      { partSizeBytes, delayMs: () => 100, ...options },
    )
  const unfinished = async () =>
    (await clientOf(server).send(new ListMultipartUploadsCommand({ Bucket: 'recordings' }))).Uploads ?? []

  /** Puts the file, and does something once when three parts are there. */
  async function putAnd(key: string, deed: () => Promise<unknown>, options: S3Options = {}) {
    const before = requestsOf(server).length
    let done: Promise<unknown> | undefined
    const onProgress = (sentBytes: number) => {
      if (sentBytes >= 3 * partSizeBytes) done ??= deed()
    }
    const info = await createStore(options).putFile(key, original, { ...video, onProgress })
    await done
    const stored = requestsOf(server)
      .slice(before)
      .filter(({ status }) => status === 200)
    return { info, sent: stored.filter(({ query }) => query.includes('partNumber=')), stored }
  }

  test('is waited for by a put, which goes on at the part it was at after the server was killed', async () => {
    const failures: number[] = []
    const outage = async () => {
      await proxy.set('refuse')
      await server.kill()
      await expect.poll(() => failures.length, { timeout: 10_000 }).toBeGreaterThan(10)
      await server.restart()
      await proxy.set('pass')
    }
    const onRetry = (retry: { failures: number }) => failures.push(retry.failures)
    const { info, sent, stored } = await putAnd('killed.mp4', outage, { onRetry })
    expect(info.sizeBytes).toBe(sizeBytes)
    expect(await digestOf(await createStore().read('killed.mp4'))).toBe(digest)
    expect(stored.filter(({ query }) => query === 'uploads=')).toHaveLength(1)
    // Two are under way at a time, so these may have come and their answers been lost.
    expect(sent.length).toBeLessThanOrEqual(parts + 2)
    expect(sent.filter(({ query }) => /partNumber=[123]&/.test(query))).toHaveLength(3)
    expect(await unfinished()).toEqual([])
  })

  test('is given up when it is silent, and tried anew', async () => {
    const outage = async () => {
      await proxy.set('blackhole')
      await expect.poll(() => proxy.swallowedBytes, { timeout: 10_000 }).toBeGreaterThan(partSizeBytes)
      await expect.poll(() => retries, { timeout: 10_000 }).toBeGreaterThan(1)
      await proxy.set('pass')
    }
    let retries = 0
    const { sent } = await putAnd('silent.mp4', outage, { idleTimeoutMs: 1500, onRetry: () => retries++ })
    expect(sent.length).toBeLessThanOrEqual(parts + 2)
    expect(await digestOf(await createStore().read('silent.mp4'))).toBe(digest)
  })

  test('does not hold up a put that is aborted meanwhile, and what was left goes when the blob is deleted', async () => {
    const giving = new AbortController()
    const reason = new Error('given up')
    let outage: Promise<unknown> | undefined
    const onProgress = (sentBytes: number) => {
      if (sentBytes >= 3 * partSizeBytes) outage ??= proxy.set('refuse')
    }
    const store = createStore({ onRetry: () => giving.abort(reason) })
    const options = { ...video, signal: giving.signal, onProgress }
    await expect(store.putFile('left/1.mp4', original, options)).rejects.toBe(reason)
    await outage
    await proxy.set('pass')
    expect(await unfinished()).toHaveLength(1)
    await createStore().delete('left/1')
    expect(await unfinished()).toHaveLength(1)
    await createStore().delete('left/1.mp4')
    expect(await unfinished()).toEqual([])
  })

  test('is waited for by a copy, which goes on at the byte it was at', async () => {
    await createStore().putFile('copied.mp4', original, video)
    const copies = join(folder.path, 'copies')
    await mkdir(copies)
    const copiedBytes = async () => {
      const [draft] = await readdir(copies)
      return draft ? (await stat(join(copies, draft))).size : 0
    }
    const before = requestsOf(server).length
    let retries = 0
    const store = createStore({ onRetry: () => retries++ })
    // Slow enough to be hindered half-way.
    await proxy.set({ latencyMs: 20 })
    const copying = store.getFile('copied.mp4', join(copies, 'copy'))
    await expect.poll(copiedBytes, { timeout: 10_000, interval: 5 }).toBeGreaterThan(mebibyte)
    await proxy.set('refuse')
    await expect.poll(() => retries, { timeout: 10_000 }).toBeGreaterThan(1)
    await proxy.set('pass')
    await copying
    expect(await digestOfFile(join(copies, 'copy'))).toBe(digest)
    const reads = requestsOf(server)
      .slice(before)
      .filter(({ query }) => query === 'x-id=GetObject')
    expect(reads.map(({ status }) => status)).toEqual([200, 206])
  })

  test('does not hold up a copy that is aborted meanwhile, of which no file is left', async () => {
    await createStore().putFile('copied.mp4', original, video)
    const giving = new AbortController()
    const reason = new Error('given up')
    const store = createStore({ onRetry: () => giving.abort(reason) })
    await proxy.set('refuse')
    const copy = join(folder.path, 'none')
    await expect(store.getFile('copied.mp4', copy, { signal: giving.signal })).rejects.toBe(reason)
    await proxy.set('pass')
    expect((await readdir(folder.path)).filter((name) => name.startsWith('none'))).toEqual([])
  })

  test('breaks a stream that is read, which then does not pass for whole', async () => {
    await createStore().putFile('read.mp4', original, video)
    const stream = await createStore().read('read.mp4')
    let receivedBytes = 0
    const reading = (async () => {
      for await (const chunk of stream) {
        receivedBytes += chunk.length
        await proxy.set('cut')
      }
    })()
    await expect(reading).rejects.toThrow()
    expect(receivedBytes).toBeLessThan(sizeBytes)
  })

  test('breaks a stream before anybody reads it, who then finds it broken', async () => {
    const stream = await createStore().read('read.mp4')
    await proxy.set('cut')
    await expect.poll(() => stream.destroyed).toBe(true)
    await expect(digestOf(stream)).rejects.toThrow()
  })

  test('is asked a few times and no more by who waits for an answer, and the reason is told', async () => {
    const retried: unknown[] = []
    const store = createStore({ delayMs: () => 1, onRetry: ({ error }) => retried.push(error) })
    await proxy.set('refuse')
    await expect(store.stat('any')).rejects.toMatchObject({ name: 'BlobStoreError', setting: 'endpoint' })
    expect(retried).toHaveLength(3)
    await proxy.set('pass')
    expect(await store.stat('any')).toBeUndefined()
  })
})
