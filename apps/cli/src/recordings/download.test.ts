import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { type Answer, problem, runWith } from '../testing.ts'

const film = Uint8Array.from({ length: 1000 }, (_, index) => index % 251)
const filePath = '/v1/recordings/EG_1/file'

/** A folder that is gone after the test. */
async function folder() {
  const path = await mkdtemp(join(tmpdir(), 'rtcstack-download-'))
  return {
    file: (name: string) => join(path, name),
    names: () => readdir(path),
    [Symbol.asyncDispose]: () => rm(path, { recursive: true }),
  }
}

/** Serves bytes as the API does, in ranges of the version that is asked for. */
const serving =
  (bytes: Uint8Array<ArrayBuffer>, etag: string): Answer =>
  ({ headers }) => {
    const isOfThis = (headers.get('if-range') ?? etag) === etag
    const start = isOfThis ? Number(/^bytes=(\d+)-$/.exec(headers.get('range') ?? '')?.[1] ?? 0) : 0
    const rest = bytes.subarray(start)
    return new Response(rest, {
      status: start > 0 ? 206 : 200,
      headers: { 'content-length': String(rest.length), etag },
    })
  }

/** Breaks off after so many bytes. */
const breaking =
  (bytes: Uint8Array<ArrayBuffer>, etag: string, after: number): Answer =>
  () => {
    const pieces = [bytes.subarray(0, after)]
    // It breaks when what came before has been read, as otherwise a stream throws that away.
    const body = new ReadableStream<Uint8Array>(
      {
        pull: (sender) => {
          const piece = pieces.shift()
          if (piece) sender.enqueue(piece)
          else sender.error(new TypeError('terminated'))
        },
      },
      { highWaterMark: 0 },
    )
    return new Response(body, { headers: { 'content-length': String(bytes.length), etag } })
  }

const run = (output: string, answer: Answer, ...more: string[]) =>
  runWith(['recordings', 'download', 'EG_1', '--output', output, ...more], { [filePath]: answer })

test('a file is there under its name when it is whole, and how far it has come was told', async () => {
  await using place = await folder()
  const { code, out, err } = await run(place.file('a.mp4'), serving(film, '"1"'))
  expect({ code, out }).toEqual({ code: 0, out: `${place.file('a.mp4')} is here: 1.0 kB.\n` })
  expect(err).toBe('downloading: 100 %\n')
  expect(await readFile(place.file('a.mp4'))).toEqual(Buffer.from(film))
  expect(await place.names()).toEqual(['a.mp4'])
})

test('what broke off is kept as a part, and goes on where it was', async () => {
  await using place = await folder()
  const output = place.file('a.mp4')
  const broken = await run(output, breaking(film, '"1"', 400))
  expect(broken.code).toBe(1)
  expect(broken.err).toContain('Broken off after 400 of 1000 bytes: terminated. Run it again to go on.')
  expect(await place.names()).toEqual([expect.stringMatching(/^a\.mp4\.[0-9a-f]{8}\.part$/)])
  const { code, asked } = await run(output, serving(film, '"1"'))
  expect([code, asked.at(-1)?.headers.get('range')]).toEqual([0, 'bytes=400-'])
  expect(await readFile(output)).toEqual(Buffer.from(film))
  expect(await place.names()).toEqual(['a.mp4'])
})

test('a part of another file is never joined to this one', async () => {
  await using place = await folder()
  const output = place.file('a.mp4')
  await run(output, breaking(film, '"1"', 400))
  const other = film.toReversed()
  expect((await run(output, serving(other, '"2"'))).code).toBe(0)
  expect(await readFile(output)).toEqual(Buffer.from(other))
})

test('a part that is whole already is only given its name', async () => {
  await using place = await folder()
  const output = place.file('a.mp4')
  await run(output, breaking(film, '"1"', 1000))
  const { code, asked } = await run(output, serving(film, '"1"'))
  expect([code, asked.length]).toEqual([0, 1])
  expect(await readFile(output)).toEqual(Buffer.from(film))
})

test('an answer that ends too early is no file', async () => {
  await using place = await folder()
  const short = () =>
    new Response(film.subarray(0, 10), { headers: { 'content-length': '1000', etag: '"1"' } })
  const { code, err } = await run(place.file('a.mp4'), short)
  expect(code).toBe(1)
  expect(err).toContain('Broken off after 10 of 1000 bytes: the connection ended.')
  expect(await place.names()).not.toContain('a.mp4')
})

test('a track is downloaded by a link, without the key', async () => {
  await using place = await folder()
  const link = { status: 201, body: { url: 'http://store.test/x?signed', expiresAt: 'e' } }
  const { code, asked } = await runWith(
    ['recordings', 'download', 'EG_1', '--track', 'demo/EG_1/mic.ogg', '--output', place.file('mic.ogg')],
    { '/v1/recordings/EG_1/links': link, '/x': serving(film, '"1"') },
  )
  expect(code).toBe(0)
  expect(await asked[0]?.json()).toEqual({ key: 'demo/EG_1/mic.ogg' })
  expect([asked[1]?.url, asked[1]?.headers.has('x-api-key')]).toEqual(['http://store.test/x?signed', false])
  expect(await readFile(place.file('mic.ogg'))).toEqual(Buffer.from(film))
})

test('a recording that is not ready leaves nothing behind', async () => {
  await using place = await folder()
  const refusal = problem(409, { detail: 'The recording is processing: it has a file when it is ready' })
  const { code, err } = await run(place.file('a.mp4'), refusal)
  expect({ code, err }).toEqual({
    code: 1,
    err: 'The recording is processing: it has a file when it is ready (409, request q1).\n',
  })
  expect(await place.names()).toEqual([])
})

const render = {
  renderId: 'RN_1',
  recordingId: 'EG_1',
  status: 'queued',
  progress: 0,
  layout: 'speaker',
  fromMs: 90_000,
  untilMs: 120_000,
  createdAt: '2026-01-01T12:00:00.000Z',
  sizeBytes: null,
}

test('a stretch is rendered and downloaded when it is made', async () => {
  await using place = await folder()
  const states = [
    { ...render, status: 'rendering', progress: 0.5 },
    { ...render, status: 'ready', progress: 1 },
  ]
  const argv = ['render', 'EG_1', '--from', '1:30', '--to', '2:00', '--layout', 'speaker']
  const { code, out, err, asked } = await runWith(
    ['recordings', ...argv, '--output', place.file('clip.mp4')],
    {
      '/v1/recordings/EG_1/renders': { status: 202, body: render },
      '/v1/recordings/EG_1/renders/RN_1': () => Response.json(states.shift()),
      '/v1/recordings/EG_1/renders/RN_1/file': serving(film, '"1"'),
    },
  )
  expect({ code, out }).toEqual({ code: 0, out: `${place.file('clip.mp4')} is here: 1.0 kB.\n` })
  expect(err).toBe('RN_1: 1:30 to 2:00 as speaker\nrendering: 50 %\ndownloading: 100 %\n')
  expect(await asked[0]?.json()).toEqual({ fromMs: 90_000, untilMs: 120_000, layout: 'speaker' })
  expect(await readFile(place.file('clip.mp4'))).toEqual(Buffer.from(film))
})

test('a render that fails says so, and one without --output how to get it', async () => {
  const runTo = (status: string) =>
    runWith(['recordings', 'render', 'EG_1'], {
      '/v1/recordings/EG_1/renders': { status: 202, body: render },
      '/v1/recordings/EG_1/renders/RN_1': { body: { ...render, status } },
    })
  const failed = await runTo('failed')
  expect([failed.code, failed.err]).toEqual([1, expect.stringContaining('RN_1 could not be rendered')])
  const ready = await runTo('ready')
  expect(ready.out).toBe('RN_1 is ready, for a day: rtcstack recordings download EG_1 --render RN_1\n')
})
