import { execFileSync } from 'node:child_process'
import { mkdtemp, readdir } from 'node:fs/promises'
import type { ServerResponse } from 'node:http'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { liveKitVersion } from './find.ts'
import { archiveName, downloadRelease } from './release.ts'
import { makeRelease, serve, serveRelease, temporaryFolder } from './testing.ts'

const archive = archiveName(liveKitVersion)
let folder: Awaited<ReturnType<typeof temporaryFolder>>
let files: Record<string, Buffer>
const sites: Awaited<ReturnType<typeof serve>>[] = []

beforeAll(async () => {
  folder = await temporaryFolder()
  files = await makeRelease(join(folder.path, 'release'))
})
afterAll(async () => {
  for (const site of sites) site.close()
  await folder.remove()
})

type Answer = (response: ServerResponse) => void

/** The release, but for the files that it answers for in its own way. */
async function siteWith(answers: Record<string, Answer> = {}): Promise<string> {
  const whole = await serveRelease(files)
  const site = await serve(async (request, response) => {
    const answer = answers[request.url?.split('/').at(-1) ?? '']
    if (answer) answer(response)
    else response.end(Buffer.from(await (await fetch(`${whole.url}${request.url}`)).arrayBuffer()))
  })
  sites.push(whole, site)
  return site.url
}

/** Downloads into a folder of its own; what there is in it then, why it failed, and what it said. */
async function download(baseUrl: string) {
  const target = await mkdtemp(join(folder.path, 'to-'))
  const file = join(target, 'livekit-server')
  const lines: string[] = []
  const log = pino({ level: 'info' }, { write: (line) => lines.push(line) })
  const startedAt = performance.now()
  const reason = await downloadRelease({
    file,
    version: liveKitVersion,
    log,
    signal: undefined,
    baseUrl,
  }).catch((error: Error) => error.message)
  const seconds = (performance.now() - startedAt) / 1000
  return { file, files: await readdir(target), reason, seconds, said: lines.map((line) => JSON.parse(line)) }
}

const missing: Answer = (response) => response.writeHead(404).end()

test('a release with the right checksum is unpacked, and its archive is not kept', async () => {
  const { file, files, reason } = await download(await siteWith())
  expect({ files, reason }).toEqual({ files: ['livekit-server'], reason: undefined })
  expect(execFileSync(file, { encoding: 'utf8' })).toContain(liveKitVersion)
})

test.each<[string, Record<string, Answer>, string]>([
  ['another archive', { [archive]: (response) => response.end('x') }, 'does not have the checksum'],
  ['no archive', { [archive]: missing }, 'answered 404'],
  ['no checksums', { 'checksums.txt': missing }, 'answered 404'],
  [
    'the checksum of another file only',
    { 'checksums.txt': (response) => response.end(`${'0'.repeat(64)}  not-${archive}\n`) },
    `the release has no ${archive}`,
  ],
])('of a release with %s nothing is unpacked', async (_, answers, expected) => {
  const { files, reason } = await download(await siteWith(answers))
  expect(reason).toContain(expected)
  expect(files).not.toContain('livekit-server')
})

test('a network that refuses is given up at once', async () => {
  const { reason, seconds } = await download('http://127.0.0.1:1')
  expect(reason).toContain('the network refuses')
  expect(seconds).toBeLessThan(1)
})

// These wait for the real limit, so they wait together.
describe.concurrent('a network that gives nothing for five seconds', () => {
  const silent: Answer = () => undefined
  const late: Answer = (response) => void setTimeout(() => response.end(files['checksums.txt']), 3000)

  test('is given up when it is silent from the start', async ({ expect }) => {
    const { reason, seconds } = await download(await siteWith({ 'checksums.txt': silent }))
    expect(reason).toContain('silent for 5 s')
    expect(seconds).toBeLessThan(5.5)
  })

  test('is given up in this time in all, however it is divided among the files', async ({ expect }) => {
    const { reason, seconds } = await download(await siteWith({ 'checksums.txt': late, [archive]: silent }))
    expect(reason).toContain('silent for 5 s')
    expect(seconds).toBeLessThan(5.5)
  })

  test('is given up when it stalls in the archive', async ({ expect }) => {
    const stalling: Answer = (response) => void response.writeHead(200, { 'content-length': 1000 }).write('x')
    const { reason, files } = await download(await siteWith({ [archive]: stalling }))
    expect(reason).toContain('silent for 5 s')
    expect(files).not.toContain('livekit-server')
  })

  test('is not one whose bytes flow: that takes what it takes, and its progress is told', async ({
    expect,
  }) => {
    const whole = files[archive] as Buffer
    const slow: Answer = (response) => {
      response.writeHead(200, { 'content-length': whole.length }).write(whole.subarray(0, 10))
      setTimeout(() => response.write(whole.subarray(10, 20)), 3000)
      setTimeout(() => response.end(whole.subarray(20)), 6000)
    }
    const { files: made, said } = await download(await siteWith({ [archive]: slow }))
    expect(made).toEqual(['livekit-server'])
    const percents = said.flatMap(({ percent }) => percent ?? [])
    expect(percents.length).toBeGreaterThanOrEqual(2)
    expect(percents).toEqual(percents.toSorted((one, other) => one - other))
  })
})
