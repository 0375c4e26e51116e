import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { eventually, joinCall } from '@rtcstack/testkit'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { uniqueName, useServer } from './product.ts'
import { startCli } from './program.ts'

const product = useServer()
let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rtcstack-recordings-'))
})
afterAll(() => rm(folder, { recursive: true }))

/** Runs `rtcstack recordings …` to its end. */
async function recordings(...argv: string[]) {
  await using program = startCli(product.server, 'recordings', ...argv)
  const code = await program.ended
  return { code, out: program.out, err: program.err }
}

const answerOf = async (...argv: string[]) => JSON.parse((await recordings('--json', ...argv)).out)

test('a recording lives its life by the command line, from the start to the deletion', {
  timeout: 120_000,
}, async () => {
  const room = uniqueName('recorded')
  expect(await recordings('start', room)).toMatchObject({
    code: 1,
    out: '',
    err: expect.stringContaining(`rtcstack rooms create ${room}`),
  })
  await using _ada = await joinCall({
    ...(await product.token(room, 'ada', 'host')),
    publish: { video: 'red', audio: 440 },
  })

  const { egressId: id } = await answerOf('start', room)
  expect((await recordings('start', room)).out).toContain(`${id} records ${room} already, since `)
  expect((await recordings('status', room)).out).toContain(`${id} records ${room} since `)
  await eventually(async () => ((await product.client.recordings.get(id)).durationMs ?? 0) > 2_000)
  expect((await recordings('pause', room)).out).toBe(`${id} is paused: nothing of ${room} is kept.\n`)
  expect((await recordings('list', '--room', room)).out).toContain('recording, paused')
  expect((await recordings('resume', room)).out).toBe(`${id} records ${room} again.\n`)
  const stopped = await recordings('stop', room, '--wait')
  expect([stopped.code, stopped.out]).toEqual([0, expect.stringMatching(/status +ready\n/)])
  expect(stopped.out).toMatch(/ended .*: it was stopped\n/)
  expect((await recordings('status', room)).out).toBe(`${room} is not recorded.\n`)

  const detail = await product.client.recordings.get(id)
  expect(await answerOf('get', id)).toEqual(detail)
  const film = join(folder, 'call.mp4')
  expect((await recordings('download', id, '--output', film)).code).toBe(0)
  const bytes = await readFile(film)
  expect(bytes.length).toBe(detail.sizeBytes)
  expect(bytes.subarray(4, 8).toString()).toBe('ftyp')

  const track =
    detail.tracks.find(({ kind }) => kind === 'audio')?.files[0] ?? expect.fail('no sound is kept')
  const sound = join(folder, 'ada.ogg')
  expect((await recordings('download', id, '--track', track.key, '--output', sound)).code).toBe(0)
  expect((await readFile(sound)).subarray(0, 4).toString()).toBe('OggS')

  const link = (await recordings('link', id, '--expires-in', '60')).out.trim()
  const linked = await fetch(link, { headers: { range: 'bytes=4-7' } })
  expect([linked.status, await linked.text()]).toEqual([206, 'ftyp'])

  const clip = join(folder, 'clip.mp4')
  const argv = ['--from', '0:00.5', '--to', '0:01.5', '--layout', 'single', '--output', clip]
  const rendered = await recordings('render', id, ...argv)
  expect([rendered.code, rendered.err]).toEqual([
    0,
    expect.stringMatching(/^RN_\w+: 0:00 to 0:01 as single\n/),
  ])
  expect((await stat(clip)).size).toBeLessThan(bytes.length)

  expect((await recordings('delete', id)).out).toBe(`${id} is deleted.\n`)
  expect((await recordings('get', id)).err).toContain('404')
  await eventually(async () => (await fetch(link)).status === 404)
})
