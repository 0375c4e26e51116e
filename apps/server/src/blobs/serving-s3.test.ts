import { randomBytes } from 'node:crypto'
import { createS3BlobStore } from '@rtcstack/blobs/s3'
import { hasS3Server, type S3Server, startS3Server } from '@rtcstack/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { apiKey, serveBlobs } from './testing.ts'

const key = 'rooms/1.mp4'
const content = randomBytes(20_000_000)

describe.skipIf(!hasS3Server())('a blob of an S3 server', () => {
  let s3: S3Server
  let served: Awaited<ReturnType<typeof serveBlobs>>
  let etag: string
  beforeAll(async () => {
    s3 = await startS3Server()
    const store = createS3BlobStore({ ...s3, bucket: 'recordings' })
    await store.prepare()
    etag = (await store.put(key, content, { contentType: 'video/mp4' })).etag
    served = await serveBlobs(key, { other: store })
  })
  afterAll(async () => {
    await served?.close()
    await s3?.stop()
  })

  const get = (headers: Record<string, string> = {}, method = 'GET') =>
    fetch(`${served.origin}/v1/file`, { method, headers: { 'x-api-key': apiKey, ...headers } })
  const bytesOf = async (answer: Response) => Buffer.from(await answer.arrayBuffer())

  test('is sent whole, with its own tag and type', async () => {
    const answer = await get()
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-length': '20000000',
      'content-type': 'video/mp4',
      etag,
    })
    expect((await bytesOf(answer)).equals(content)).toBe(true)
  })

  test('is sent in ranges', async () => {
    const answer = await get({ range: 'bytes=-5', 'if-range': etag })
    expect(answer.status).toBe(206)
    expect(answer.headers.get('content-range')).toBe('bytes 19999995-19999999/20000000')
    expect((await bytesOf(answer)).equals(content.subarray(-5))).toBe(true)
  })

  test('is told of by HEAD, and not sent to who has it', async () => {
    expect((await get({}, 'HEAD')).headers.get('content-length')).toBe('20000000')
    expect((await get({ 'if-none-match': etag })).status).toBe(304)
  })

  test('is told to be out of reach while the server is away', async () => {
    await s3.kill()
    const answer = await get()
    expect(answer.status).toBe(503)
    expect(answer.headers.get('retry-after')).toBe('15')
    expect(await answer.json()).toMatchObject({ type: 'https://rtcstack.dev/errors/storage-unavailable' })
    await s3.restart()
    expect((await get()).status).toBe(200)
  })
})
