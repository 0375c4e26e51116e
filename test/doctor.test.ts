import { chmod, mkdtemp, readdir, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { eventually, startLiveKit, startServer } from '@rtcstack/testkit'
import { expect, test } from 'vitest'
import { liveKitSettings } from './livekit-settings.ts'
import { clientOf } from './product.ts'
import { startCli } from './program.ts'

interface Report {
  ok: boolean
  checks: { name: string; ok: boolean; skipped?: true; detail: string; advice?: string }[]
}

async function examine(server: {
  url: string
  apiSecret: string
}): Promise<Report & { code: number | null }> {
  await using doctor = startCli(server, 'doctor', '--json')
  const code = await doctor.ended
  return { code, ...(JSON.parse(doctor.out) as Report) }
}

test('the doctor finds nothing wrong with a server that has just been started, and leaves no recording behind', async () => {
  await using server = await startServer()
  // Fonts may still be installed.
  await eventually(
    async () => {
      const answer = await fetch(`${server.url}/readyz`)
      return ((await answer.json()) as { checks: { rendering: { ok: boolean } } }).checks.rendering.ok
    },
    { timeoutMs: 60_000 },
  )
  const { code, ok, checks } = await examine(server)
  expect(checks.filter((check) => !check.ok)).toEqual([])
  expect(checks.map(({ name }) => name)).toEqual([
    'API',
    'key',
    'database',
    'LiveKit',
    'signalling',
    'UDP',
    'events',
    'call',
    'storage',
    'recording',
  ])
  expect(checks.at(-1)?.detail).toMatch(/^0:0[23] of the call became an MP4$/)
  expect({ code, ok }).toEqual({ code: 0, ok: true })
  expect((await clientOf(server).recordings.list()).recordings).toEqual([])
}, 120_000)

/** A folder with every program of the PATH but some; it is gone after the test. */
async function programsWithout(names: string[]) {
  const folder = await mkdtemp(join(tmpdir(), 'rtcstack-programs-'))
  // The first of a name counts, as on the PATH.
  for (const place of (process.env.PATH ?? '').split(delimiter))
    for (const name of await readdir(place).catch(() => []))
      if (!names.includes(name)) await symlink(join(place, name), join(folder, name)).catch(() => undefined)
  // PostgreSQL runs as another user.
  await chmod(folder, 0o755)
  return { folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) }
}

test('without ffmpeg the doctor says that it did not try a recording, and finds nothing wrong', async () => {
  await using programs = await programsWithout(['ffmpeg', 'ffprobe', 'apt-get'])
  await using server = await startServer({ env: { PATH: programs.folder } })
  const { code, ok, checks } = await examine(server)
  expect({ code, ok }).toEqual({ code: 0, ok: true })
  expect(checks.at(-1)).toMatchObject({
    name: 'recording',
    skipped: true,
    detail: expect.stringContaining('there is no ffmpeg here yet'),
  })
}, 60_000)

test('the doctor tells that a LiveKit of yours does not post its webhooks, and where to', async () => {
  await using livekit = await startLiveKit()
  await using server = await startServer({ env: liveKitSettings(livekit) })
  const { code, checks } = await examine(server)
  expect(code).toBe(1)
  expect(checks.at(-1)).toMatchObject({ name: 'events', ok: false })
  expect(checks.at(-1)?.advice).toContain('/internal/livekit')
}, 60_000)
