import { startLiveKit, startServer } from '@rtcstack/testkit'
import { expect, test } from 'vitest'
import { startCli } from './program.ts'

interface Report {
  ok: boolean
  checks: { name: string; ok: boolean; detail: string; advice?: string }[]
}

async function examine(server: {
  url: string
  apiSecret: string
}): Promise<Report & { code: number | null }> {
  await using doctor = startCli(server, 'doctor', '--json')
  const code = await doctor.ended
  return { code, ...(JSON.parse(doctor.out) as Report) }
}

test('the doctor finds nothing wrong with a server that has just been started', async () => {
  await using server = await startServer()
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
  ])
  expect({ code, ok }).toEqual({ code: 0, ok: true })
}, 60_000)

test('the doctor tells that a LiveKit of yours does not post its webhooks, and where to', async () => {
  await using livekit = await startLiveKit()
  const { url, apiKey, apiSecret } = livekit
  const env = { LIVEKIT_URL: url, LIVEKIT_API_KEY: apiKey, LIVEKIT_API_SECRET: apiSecret }
  await using server = await startServer({ env })
  const { code, checks } = await examine(server)
  expect(code).toBe(1)
  expect(checks.at(-1)).toMatchObject({ name: 'events', ok: false })
  expect(checks.at(-1)?.advice).toContain('/internal/livekit')
}, 60_000)
