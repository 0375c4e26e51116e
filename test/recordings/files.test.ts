import { setTimeout as pause } from 'node:timers/promises'
import type { RecordingDetail } from '@rtcstack/sdk'
import { joinCall } from '@rtcstack/testkit'
import { beforeAll, expect, test, vi } from 'vitest'
import { problemOf, uniqueName, useServer } from '../product.ts'
import { untilRecorded, whenFinished } from './recorded.ts'

// Files are waited for, on two cores that other tests use too.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 120_000 })
const product = useServer({ RENDER_WIDTH: '320', RENDER_HEIGHT: '180' })
const [first, second] = [uniqueName('one'), uniqueName('two')]
/** Newest first. */
let all: RecordingDetail[]
let latest: RecordingDetail

beforeAll(async () => {
  const { client } = product
  const ids: string[] = []
  for (const room of [first, second]) await client.rooms.create({ name: room })
  await using _ada = await joinCall({
    ...(await product.token(first, 'ada', 'host')),
    publish: { video: 'red', audio: 440 },
    autoSubscribe: false,
  })
  for (const room of [second, second, first]) {
    const { egressId } = await client.recordings.start(room)
    await untilRecorded(client, egressId, 1_000)
    await client.recordings.stop(room)
    ids.unshift(egressId)
  }
  all = await Promise.all(ids.map((id) => whenFinished(client, id)))
  latest = all[0] as RecordingDetail
})

const get = (headers: Record<string, string> = {}, method = 'GET') =>
  fetch(`${product.server.url}/v1/recordings/${latest.recordingId}/file`, {
    method,
    headers: { 'x-api-key': product.server.apiSecret, ...headers },
  })
const bytesOf = async (answer: Response) => new Uint8Array(await answer.arrayBuffer())

test('the file comes whole, in ranges, and not when it is known', async () => {
  const whole = await get()
  expect(whole.status).toBe(200)
  expect(whole.headers.get('content-type')).toBe('video/mp4')
  expect(whole.headers.get('accept-ranges')).toBe('bytes')
  const bytes = await bytesOf(whole)
  const size = bytes.length
  expect(size).toBe(latest.sizeBytes)

  const middle = await get({ range: 'bytes=100-299' })
  expect([middle.status, middle.headers.get('content-range')]).toEqual([206, `bytes 100-299/${size}`])
  expect(await bytesOf(middle)).toEqual(bytes.subarray(100, 300))
  const end = await get({ range: 'bytes=-50' })
  expect(end.status).toBe(206)
  expect(await bytesOf(end)).toEqual(bytes.subarray(size - 50))

  const beyond = await get({ range: `bytes=${size}-` })
  expect([beyond.status, beyond.headers.get('content-range')]).toEqual([416, `bytes */${size}`])

  const etag = whole.headers.get('etag') ?? ''
  expect(etag).not.toBe('')
  const known = await get({ 'if-none-match': etag })
  expect([known.status, (await bytesOf(known)).length]).toEqual([304, 0])
  expect((await get({ 'if-none-match': '"another"' })).status).toBe(200)
})

test('HEAD tells of the file without sending it', async () => {
  const head = await get({}, 'HEAD')
  expect([head.status, head.headers.get('content-length')]).toEqual([200, String(latest.sizeBytes)])
  expect((await bytesOf(head)).length).toBe(0)
})

test('the file needs the key, and a link to it does not', async () => {
  const { recordings } = product.client
  const path = `${product.server.url}/v1/recordings/${latest.recordingId}/file`
  expect((await fetch(path)).status).toBe(401)
  const { url, expiresAt } = await recordings.link(latest.recordingId, { expiresIn: 600 })
  expect(Math.abs(new Date(expiresAt).getTime() - Date.now() - 600_000)).toBeLessThan(5_000)
  const answer = await fetch(url)
  expect(answer.status).toBe(200)
  expect((await bytesOf(answer)).length).toBe(latest.sizeBytes)
  const [, range] = [url, await fetch(url, { headers: { range: 'bytes=0-9' } })]
  expect(range.status).toBe(206)
})

test('a link opens nothing after its time, nor when it was changed', async () => {
  const { url, expiresAt } = await product.client.recordings.link(latest.recordingId, { expiresIn: 2 })
  const changed = new URL(url)
  changed.pathname = changed.pathname.replace(latest.recordingId, all[1]?.recordingId ?? '')
  expect((await fetch(changed)).status).toBe(403)
  // The time of the link itself has to pass.
  await pause(new Date(expiresAt).getTime() - Date.now() + 1_000)
  expect((await fetch(url)).status).toBe(403)
})

test('each file of a track has a link of its own, and a key that is of no track has none', async () => {
  const { recordings } = product.client
  const files = latest.tracks.flatMap((track) => track.files)
  expect(files.map(({ codec }) => codec).toSorted()).toEqual(['opus', 'vp8'])
  for (const { key, sizeBytes } of files) {
    const { url } = await recordings.link(latest.recordingId, { key })
    expect((await bytesOf(await fetch(url))).length).toBe(sizeBytes)
  }
  const foreign = `${all[1]?.key}`
  expect(await problemOf(recordings.link(latest.recordingId, { key: foreign }))).toMatchObject({
    status: 400,
    slug: 'validation-failed',
  })
})

test('recordings are listed newest first, by room and by status, and page after page', async () => {
  const { recordings } = product.client
  const ids = async (query: Parameters<typeof recordings.list>[0]) =>
    (await recordings.list(query)).recordings.map(({ recordingId }) => recordingId)
  const [newest, ...older] = all.map(({ recordingId }) => recordingId)
  expect(await ids({})).toEqual([newest, ...older])
  expect(await ids({ roomId: first })).toEqual([newest])
  expect(await ids({ roomId: second })).toEqual(older)
  expect(await ids({ roomId: second, status: 'ready' })).toEqual(older)
  expect(await ids({ status: 'failed' })).toEqual([])
  expect(await ids({ roomId: uniqueName('none') })).toEqual([])
  const page = await recordings.list({ limit: 2 })
  expect(page.recordings.map(({ recordingId }) => recordingId)).toEqual([newest, older[0]])
  const rest = await recordings.list({ limit: 2, cursor: page.nextCursor ?? '' })
  expect(rest.recordings.map(({ recordingId }) => recordingId)).toEqual([older[1]])
  expect(rest.nextCursor).toBeNull()
  const one = []
  for await (const { recordingId } of recordings.all({ limit: 1 })) one.push(recordingId)
  expect(one).toEqual([newest, ...older])
})
