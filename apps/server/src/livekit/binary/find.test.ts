import { readdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { pino } from 'pino'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { findLiveKitServer, LiveKitServerMissingError, liveKitVersion } from './find.ts'
import {
  makeRelease,
  serveRelease,
  temporaryFolder,
  writeGo,
  writeLiveKitServer,
  writeProgram,
} from './testing.ts'

let folder: Awaited<ReturnType<typeof temporaryFolder>>
let site: Awaited<ReturnType<typeof serveRelease>>
const noSite = 'http://127.0.0.1:1'

beforeEach(async () => {
  folder = await temporaryFolder()
  site = await serveRelease(await makeRelease(inFolder('release')))
})
afterEach(async () => {
  site.close()
  await folder.remove()
})

const inFolder = (name: string) => join(folder.path, name)

/** Looks on a PATH of these folders, in the cache, and at the release site. */
function find(folders: string[], releaseBaseUrl: string, lines: string[] = []): Promise<string> {
  return findLiveKitServer({
    log: pino({ level: 'info' }, { write: (line) => lines.push(line) }),
    cacheDirectory: inFolder('cache'),
    path: folders.map(inFolder).join(':'),
    releaseBaseUrl,
  })
}

test('the PATH comes before the cache, and its version only has to be recent enough', async () => {
  await find([], site.url)
  const file = await writeLiveKitServer(inFolder('bin'), '1.9.4')
  const lines: string[] = []
  expect(await find(['empty', 'bin'], noSite, lines)).toBe(file)
  expect(lines.join()).toContain('"version":"1.9.4"')
})

test('one on the PATH that is too old or does not run is warned of and passed over', async () => {
  await writeLiveKitServer(inFolder('old'), '1.8.4')
  await writeProgram(inFolder('broken'), 'livekit-server', 'exit 1')
  const lines: string[] = []
  expect(await find(['old', 'broken'], site.url, lines)).toContain(inFolder('cache'))
  const warnings = lines.map((line) => JSON.parse(line)).filter(({ level }) => level === 40)
  expect(warnings).toMatchObject([{ file: inFolder('old/livekit-server'), version: '1.8.4' }, {}])
  expect(warnings[1].file).toBe(inFolder('broken/livekit-server'))
})

test('the release comes before Go, and is in the cache from then on', async () => {
  await writeGo(inFolder('go'), { exitCode: 1 })
  const file = await find(['go'], site.url)
  expect(file).toContain(inFolder('cache'))
  expect(await find([], noSite)).toBe(file)
})

test('one in the cache that does not run on this system is made again', async () => {
  const file = await find([], site.url)
  await writeProgram(dirname(file), 'livekit-server', 'exit 1')
  await expect(find([], noSite)).rejects.toThrow(LiveKitServerMissingError)
  expect(await find([], site.url)).toBe(file)
})

test('without a release it is built with Go, and in the cache from then on', async () => {
  await writeGo(inFolder('go'))
  const file = await find(['go'], noSite)
  expect(file).toContain(inFolder('cache'))
  expect(await find([], noSite)).toBe(file)
})

test('what was made and does not run is not kept', async () => {
  await writeProgram(inFolder('go'), 'go', 'while [ "$1" != -o ]; do shift; done; echo >"$2"')
  await expect(find(['go'], noSite)).rejects.toThrow('does not run on this system')
  expect(await filesOf('cache')).toEqual([])
})

test('several starters at once all get it whole, and leave nothing else behind', async () => {
  const found = await Promise.all(Array.from({ length: 4 }, () => find([], site.url)))
  expect(new Set(found).size).toBe(1)
  expect(await filesOf('cache')).toEqual([expect.stringContaining(liveKitVersion)])
})

test('without any way the message has the install line of each system, and why each way is closed', async () => {
  const error = await find([], noSite).catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(LiveKitServerMissingError)
  for (const text of [
    'the network refuses',
    'Go is not installed',
    'brew install livekit',
    'curl -sSL https://get.livekit.io | bash',
    'github.com/livekit/livekit/releases',
    'Go 1.26',
    'LIVEKIT_URL, LIVEKIT_API_KEY and LIVEKIT_API_SECRET',
  ])
    expect((error as Error).message).toContain(text)
})

test('a start that is given up while it looks ends at once, and with its own reason', async () => {
  const reason = new Error('told to end')
  const options = { log: pino({ level: 'silent' }), cacheDirectory: inFolder('cache'), path: '' }
  const signal = AbortSignal.abort(reason)
  await expect(findLiveKitServer({ ...options, releaseBaseUrl: site.url, signal })).rejects.toBe(reason)
})

/** Paths of all files below a folder, from there. */
async function filesOf(name: string): Promise<string[]> {
  const entries = await readdir(inFolder(name), { recursive: true, withFileTypes: true })
  return entries.filter((entry) => !entry.isDirectory()).map((entry) => join(entry.parentPath, entry.name))
}
