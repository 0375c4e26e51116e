import { execFileSync } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { liveKitVersion } from './find.ts'
import { buildWithGo } from './go-build.ts'
import { temporaryFolder, writeGo, writeProgram } from './testing.ts'

let folder: Awaited<ReturnType<typeof temporaryFolder>>

beforeEach(async () => {
  folder = await temporaryFolder()
})
afterEach(() => folder.remove())

const tool = { name: 'livekit-server', mainPackage: 'example.com/server' }
const target = () => join(folder.path, 'livekit-server')

function build(lines: string[] = [], signal?: AbortSignal): Promise<void> {
  const log = pino({ level: 'info' }, { write: (line) => lines.push(line) })
  return buildWithGo({ tool, file: target(), log, signal, path: folder.path })
}

test('what Go builds is where it was asked for, and the start of it is told', async () => {
  await writeGo(folder.path)
  const lines: string[] = []
  await build(lines)
  expect(execFileSync(target(), { encoding: 'utf8' })).toContain(liveKitVersion)
  expect(lines[0]).toContain('building livekit-server with Go')
})

test('a build that fails is told with its last lines', async () => {
  await writeGo(folder.path, { says: 'go: errors parsing go.mod', exitCode: 1 })
  await expect(build()).rejects.toThrow('go: errors parsing go.mod')
})

test('a machine without Go is told so', async () => {
  await expect(build()).rejects.toThrow('Go is not installed')
})

test('a build that is given up ends', async () => {
  await writeProgram(folder.path, 'go', 'echo started >&2; exec /bin/sleep 60')
  const ending = new AbortController()
  const building = build([], ending.signal)
  ending.abort()
  await expect(building).rejects.toThrow('aborted')
})

test('the livekit-server that Go builds is the one that is looked for', async () => {
  const module = await readFile(new URL('../../../../../deploy/tools/go.mod', import.meta.url), 'utf8')
  expect(module).toContain(`github.com/livekit/livekit-server v${liveKitVersion} `)
})
