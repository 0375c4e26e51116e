import type { IncomingHttpHeaders } from 'node:http'
import { join } from 'node:path'
import { type S3Server, startS3Server } from '@rtcstack/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { digestOf, temporaryFolder, writeRandomFile } from '../conformance/files.ts'
import { createS3BlobStore } from './store.ts'
import { mebibyte, requestsOf, startMeddler, whereThereIsS3 } from './testing.ts'

const video = { contentType: 'video/mp4' }
const partSizeBytes = 5 * mebibyte

describe.skipIf(!whereThereIsS3)('what comes between us and the server', { timeout: 60_000 }, () => {
  let server: S3Server
  let folder: Awaited<ReturnType<typeof temporaryFolder>>
  let original: string
  let digest: string
  beforeAll(async () => {
    server = await startS3Server()
    folder = await temporaryFolder()
    original = join(folder.path, 'original')
    digest = await writeRandomFile(original, 4 * partSizeBytes)
  })
  afterAll(async () => {
    await server.stop()
    await folder[Symbol.asyncDispose]()
  })

  const createStore = async (endpoint: string, onRetry?: (retry: { error: unknown }) => void) => {
    const store = createS3BlobStore(
      { ...server, endpoint, bucket: 'recordings' },
      { partSizeBytes, delayMs: () => 1, ...(onRetry && { onRetry }) },
    )
    await store.prepare()
    return store
  }

  test('cannot change a bit of a part or of a small blob unseen: it is sent again', async () => {
    const spoiled = new Set<string>()
    const spoilOnce = (chunk: Buffer, method: string, url: string) => {
      const isMeant = /partNumber=2&/.test(url) || url.includes('small')
      if (method !== 'PUT' || !isMeant || spoiled.has(url)) return chunk
      spoiled.add(url)
      const changed = Buffer.from(chunk)
      changed[0] = (changed[0] ?? 0) ^ 1
      return changed
    }
    await using meddler = await startMeddler(server.port, { request: spoilOnce })
    const errors: string[] = []
    const store = await createStore(meddler.endpoint, ({ error }) => errors.push((error as Error).message))
    await store.putFile('large.mp4', original, video)
    await store.put('small.mp4', 'content', video)
    expect(spoiled.size).toBe(2)
    expect(errors).toEqual([expect.stringContaining('SHA256'), expect.stringContaining('SHA256')])
    expect(await digestOf(await store.read('large.mp4'))).toBe(digest)
  })

  test('does not make us believe that a blob is stored of which the server has another size', async () => {
    const answer = (headers: IncomingHttpHeaders, method: string) =>
      method === 'HEAD' ? { ...headers, 'content-length': '5' } : headers
    await using meddler = await startMeddler(server.port, { answer })
    const store = await createStore(meddler.endpoint)
    await expect(store.put('short.mp4', 'content', video)).rejects.toThrow('5 bytes of the 7')
    await expect(store.putFile('long.mp4', original, video)).rejects.toThrow('5 bytes of the')
  })

  test('may lose the answer that a blob is stored: it is not stored twice', async () => {
    let ends = 0
    let lost = 0
    const request = (chunk: Buffer, method: string) => {
      if (method === 'POST') ends++
      return chunk
    }
    const answer = (headers: IncomingHttpHeaders, method: string) => {
      // A length that is too large holds up the answer until the connection breaks.
      if (method !== 'POST' || ends !== 1 || lost++ > 0) return headers
      return { ...headers, 'content-length': '100000', connection: 'close' }
    }
    await using meddler = await startMeddler(server.port, { request, answer })
    const store = await createStore(meddler.endpoint)
    const before = requestsOf(server).length
    await store.putFile('once.mp4', original, video)
    const requests = requestsOf(server)
      .slice(before)
      .filter(({ method }) => method === 'POST')
    // One upload is begun, ended, and unknown when it is to be ended once more.
    expect(requests.map(({ status }) => status)).toEqual([200, 200, 404])
    expect(await digestOf(await store.read('once.mp4'))).toBe(digest)
  })

  test('is not asked for what old servers refuse: content in signed chunks, trailers, checksums of another kind', async () => {
    const seen: string[] = []
    const headers = (of: IncomingHttpHeaders) => {
      for (const [name, value] of Object.entries(of)) seen.push(`${name}: ${value}`)
    }
    await using meddler = await startMeddler(server.port, { headers })
    const store = await createStore(meddler.endpoint)
    await store.putFile('plain/large.mp4', original, video)
    await store.put('plain/small.mp4', 'content', video)
    await digestOf(await store.read('plain/small.mp4'))
    await store.deletePrefix('plain/')
    expect(seen.filter((line) => /^x-amz-content-sha256: [0-9a-f]{64}$/.test(line)).length).toBeGreaterThan(5)
    expect(
      seen.filter((line) => /aws-chunked|trailer|checksum|content-md5|STREAMING|^expect:/i.test(line)),
    ).toEqual([])
  })

  test('may be what browsers reach the server by: links begin with the public endpoint', async () => {
    await using meddler = await startMeddler(server.port, {})
    const publicEndpoint = meddler.endpoint.replace('127.0.0.1', 'localhost')
    const store = createS3BlobStore({ ...server, publicEndpoint, bucket: 'recordings' })
    await store.prepare()
    await store.put('linked.mp4', 'content', video)
    const link = await store.link('linked.mp4', {
      expiresInSeconds: 60,
      fileName: 'x.mp4',
      origin: 'http://none',
    })
    expect(link.startsWith(`${publicEndpoint}/recordings/linked.mp4?`)).toBe(true)
    expect(link).not.toContain(server.secretKey)
    expect(await (await fetch(link)).text()).toBe('content')
  })
})
