import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { eventually } from '@rtcstack/testkit'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { apiKey, serveBlobs } from './testing.ts'

const key = 'rooms/1.mp4'
const content = randomBytes(100_000)
const run = promisify(execFile)

let served: Awaited<ReturnType<typeof serveBlobs>>
let etag: string
let modified: string
beforeAll(async () => {
  served = await serveBlobs(key)
  const info = await served.store.put(key, content, { contentType: 'video/mp4' })
  etag = info.etag
  modified = info.modifiedAt.toUTCString()
})
afterAll(() => served?.close())
beforeEach(() => {
  served.clock.now = new Date()
})

const ways = {
  'by a link': async (init: RequestInit = {}) => fetch(await served.link(), init),
  'as an operation': async (init: RequestInit = {}) =>
    fetch(`${served.origin}/v1/file`, {
      ...init,
      headers: { 'x-api-key': apiKey, ...(init.headers as Record<string, string>) },
    }),
}

const bytesOf = async (answer: Response) => Buffer.from(await answer.arrayBuffer())

describe.each(Object.entries(ways))('a blob %s', (_name, get) => {
  test('comes whole, with what a browser needs to keep, seek and save it', async () => {
    const answer = await get()
    expect(answer.status).toBe(200)
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-type': 'video/mp4',
      'content-length': '100000',
      'accept-ranges': 'bytes',
      'content-disposition': `attachment; filename="file.mp4"; filename*=UTF-8''file.mp4`,
      'cache-control': 'private, no-cache',
      'last-modified': modified,
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none';frame-ancestors 'none'",
      etag,
    })
    expect((await bytesOf(answer)).equals(content)).toBe(true)
  })

  test('a HEAD tells the same and has no body', async () => {
    const answer = await get({ method: 'HEAD', headers: { range: 'bytes=0-9' } })
    expect(answer.status).toBe(200)
    expect(answer.headers.get('content-length')).toBe('100000')
    expect(answer.headers.get('content-type')).toBe('video/mp4')
    expect(await bytesOf(answer)).toHaveLength(0)
    expect(served.open.size).toBe(0)
  })

  test.each([
    ['bytes=0-9', 0, 10],
    ['bytes=99990-', 99_990, 100_000],
    ['bytes=-100', 99_900, 100_000],
    ['bytes=500-1000000', 500, 100_000],
  ])('%s is that range', async (range, start, end) => {
    const answer = await get({ headers: { range } })
    expect(answer.status).toBe(206)
    expect(answer.headers.get('content-range')).toBe(`bytes ${start}-${end - 1}/100000`)
    expect(answer.headers.get('content-length')).toBe(String(end - start))
    expect((await bytesOf(answer)).equals(content.subarray(start, end))).toBe(true)
  })

  test('several ranges at once are answered by the whole', async () => {
    const answer = await get({ headers: { range: 'bytes=0-1,5-6' } })
    expect(answer.status).toBe(200)
    expect((await bytesOf(answer)).equals(content)).toBe(true)
  })

  test('a range beyond the end is a 416 that tells the size', async () => {
    const answer = await get({ headers: { range: 'bytes=100000-' } })
    expect(answer.status).toBe(416)
    expect(answer.headers.get('content-range')).toBe('bytes */100000')
    expect(answer.headers.get('content-type')).toBe('application/problem+json')
    expect(await answer.json()).toMatchObject({ type: 'https://rtcstack.dev/errors/range-not-satisfiable' })
  })

  test('a range is only for who has a part of this very content', async () => {
    const ranged = (condition: string) => get({ headers: { range: 'bytes=0-9', 'if-range': condition } })
    expect((await ranged(etag)).status).toBe(206)
    expect((await ranged(modified)).status).toBe(206)
    expect((await ranged('"another"')).status).toBe(200)
  })

  test('who has it is told that it is the same', async () => {
    for (const method of ['GET', 'HEAD']) {
      const answer = await get({ method, headers: { 'if-none-match': etag, range: 'bytes=0-9' } })
      expect(answer.status).toBe(304)
      expect(answer.headers.get('etag')).toBe(etag)
      expect(answer.headers.get('content-length')).toBeNull()
      expect(await bytesOf(answer)).toHaveLength(0)
    }
    expect((await get({ headers: { 'if-none-match': '"another"' } })).status).toBe(200)
  })
})

test('a page of any site may show what a link opens, and only pages of this site what an operation gives', async () => {
  const policy = (answer: Response) => answer.headers.get('cross-origin-resource-policy')
  expect(policy(await ways['by a link']())).toBe('cross-origin')
  expect(policy(await ways['as an operation']())).toBe('same-site')
})

test('names in any script come through the link', async () => {
  const odd = 'räume/会議 室.mp4'
  await served.store.put(odd, 'odd', { contentType: 'video/mp4' })
  const answer = await fetch(await served.link(odd, '会議 "1".mp4'))
  expect(await answer.text()).toBe('odd')
  expect(answer.headers.get('content-disposition')).toContain(
    "filename*=UTF-8''%E4%BC%9A%E8%AD%B0%20%221%22.mp4",
  )
})

test('an empty blob is sent as one', async () => {
  await served.store.put('empty.mp4', '', { contentType: 'video/mp4' })
  const answer = await fetch(await served.link('empty.mp4'))
  expect(answer.status).toBe(200)
  expect(answer.headers.get('content-length')).toBe('0')
  expect(await bytesOf(answer)).toHaveLength(0)
})

test('a client that goes away leaves nothing open', async () => {
  await served.store.put('long.mp4', randomBytes(30_000_000), { contentType: 'video/mp4' })
  const going = new AbortController()
  const answer = await fetch(await served.link('long.mp4'), { signal: going.signal })
  await answer.body?.getReader().read()
  expect(served.open.size).toBe(1)
  going.abort()
  await eventually(() => served.open.size === 0)
})

test('a blob that cannot be read to its end breaks the connection, and is not taken for whole', async () => {
  await served.store.put('long.mp4', randomBytes(30_000_000), { contentType: 'video/mp4' })
  const answer = await fetch(await served.link('long.mp4'))
  const reader = answer.body?.getReader()
  await reader?.read()
  for (const stream of served.open) stream.destroy(new Error('the disk failed'))
  const readAll = async () => {
    while (!(await reader?.read())?.done);
  }
  await expect(readAll()).rejects.toThrow('terminated')
})

test('a download that broke is gone on with by curl', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'curl-'))
  try {
    const file = join(folder, 'file.mp4')
    await writeFile(file, content.subarray(0, 30_000))
    await run('curl', ['--silent', '--fail', '-C', '-', '-o', file, await served.link()])
    expect((await readFile(file)).equals(content)).toBe(true)
  } finally {
    await rm(folder, { recursive: true })
  }
})

test('ffprobe seeks in an MP4 whose index is at its end', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'probe-'))
  try {
    const file = join(folder, 'file.mp4')
    const picture = ['-f', 'lavfi', '-i', 'testsrc2=size=320x240:rate=25:duration=20']
    await run('ffmpeg', ['-v', 'error', ...picture, '-c:v', 'libx264', '-preset', 'ultrafast', file])
    await served.store.putFile('real.mp4', file, { contentType: 'video/mp4' })
    const show = ['-show_entries', 'format=duration', '-of', 'csv=p=0']
    const { stdout } = await run('ffprobe', ['-v', 'error', ...show, await served.link('real.mp4')])
    expect(Number(stdout)).toBe(20)
    await eventually(() => served.open.size === 0)
  } finally {
    await rm(folder, { recursive: true })
  }
})
