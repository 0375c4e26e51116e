import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { findLiveKitServer, liveKitVersion } from './find.ts'

const log = pino({ level: 'silent' })
const architecture = { x64: 'amd64', arm64: 'arm64' }[process.arch as 'x64'] ?? process.arch
const archiveName = `livekit_${liveKitVersion}_${process.platform}_${architecture}.tar.gz`
let directory: string
let server: Server | undefined

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'binary-'))
})
afterEach(async () => {
  server?.closeAllConnections()
  server?.close()
  server = undefined
  await rm(directory, { recursive: true })
})

/** A program that says this version. */
async function program(folder: string, version: string): Promise<string> {
  await mkdir(folder, { recursive: true })
  const file = join(folder, 'livekit-server')
  await writeFile(file, `#!/bin/sh\necho livekit-server version ${version}\n`)
  await chmod(file, 0o755)
  return file
}

async function serve(listener: RequestListener): Promise<string> {
  server = createServer(listener)
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** A release site with an archive of a program; `spoil` changes what it sends for a name. */
async function releaseSite(spoil: (name: string, bytes: Buffer) => Buffer | undefined = (_, bytes) => bytes) {
  const folder = join(directory, 'release')
  await program(folder, liveKitVersion)
  execFileSync('tar', ['-czf', archiveName, 'livekit-server'], { cwd: folder })
  const archive = await readFile(join(folder, archiveName))
  const checksums = `${'0'.repeat(64)}  other.tar.gz\n${createHash('sha256').update(archive).digest('hex')}  ${archiveName}\n`
  const files: Record<string, Buffer> = { 'checksums.txt': Buffer.from(checksums), [archiveName]: archive }
  return serve((request, response) => {
    const name = request.url?.replace(`/v${liveKitVersion}/`, '') ?? ''
    const bytes = files[name] && spoil(name, files[name])
    if (bytes) response.end(bytes)
    else response.writeHead(404).end()
  })
}

const emptyPath = () => join(directory, 'nothing')
const cache = () => join(directory, 'cache')
const find = (places: { path?: string; releaseBaseUrl?: string }) =>
  findLiveKitServer({
    log,
    cacheDirectory: cache(),
    path: emptyPath(),
    releaseBaseUrl: 'http://127.0.0.1:1',
    ...places,
  })

test('the PATH comes first, and its version only has to be recent enough', async () => {
  const file = await program(join(directory, 'bin'), '1.9.4')
  expect(
    await find({ path: `${emptyPath()}:${join(directory, 'bin')}`, releaseBaseUrl: await releaseSite() }),
  ).toBe(file)
})

test('one on the PATH that is too old or broken is passed over', async () => {
  await program(join(directory, 'old'), '1.8.0')
  await writeFile(
    join((await mkdir(join(directory, 'broken'), { recursive: true })) ?? '', 'livekit-server'),
    'x',
    { mode: 0o755 },
  )
  const file = await find({
    path: `${join(directory, 'old')}:${join(directory, 'broken')}`,
    releaseBaseUrl: await releaseSite(),
  })
  expect(file.startsWith(cache())).toBe(true)
})

test('a release with the right checksum is unpacked, and found in the cache from then on', async () => {
  const file = await find({ releaseBaseUrl: await releaseSite() })
  expect(file.startsWith(cache())).toBe(true)
  expect(await find({})).toBe(file)
})

test.each([
  [
    'a wrong checksum',
    (name: string, bytes: Buffer) =>
      name === archiveName ? Buffer.concat([bytes, Buffer.from('x')]) : bytes,
    'checksum',
  ],
  ['no archive', (name: string, bytes: Buffer) => (name === archiveName ? undefined : bytes), 'answered 404'],
  [
    'no checksums',
    (name: string, bytes: Buffer) => (name === archiveName ? bytes : undefined),
    'answered 404',
  ],
])('a release with %s is not used', async (_, spoil, reason) => {
  const error = await find({ releaseBaseUrl: await releaseSite(spoil) }).catch(
    (thrown: Error) => thrown.message,
  )
  expect(error).toContain(reason)
  await expect(find({})).rejects.toThrow('There is no livekit-server here')
})

test('a network that refuses is given up at once, and one that is silent within five seconds', async () => {
  const startedAt = performance.now()
  await expect(find({})).rejects.toThrow('the network refuses')
  expect(performance.now() - startedAt).toBeLessThan(1000)
  await expect(find({ releaseBaseUrl: await serve(() => undefined) })).rejects.toThrow('silent for 5 s')
  expect(performance.now() - startedAt).toBeLessThan(7000)
})

test('a download that stalls is given up', async () => {
  const url = await serve((request, response) => {
    if (request.url?.endsWith('checksums.txt')) response.end(`${'0'.repeat(64)}  ${archiveName}\n`)
    else response.writeHead(200, { 'content-length': 1000 }).write('x')
  })
  await expect(find({ releaseBaseUrl: url })).rejects.toThrow('silent for 5 s')
})

test('without any way the message has the install line of each system', async () => {
  const message = await find({}).catch((error: Error) => error.message)
  for (const text of [
    'brew install livekit',
    'curl -sSL https://get.livekit.io | bash',
    'github.com/livekit/livekit/releases',
    'Go 1.26',
    'LIVEKIT_URL',
  ])
    expect(message).toContain(text)
})
