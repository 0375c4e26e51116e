import { expect, test } from 'vitest'
import { createHealthService } from './service.ts'

const never = () => new Promise(() => {})

function serviceWith(probe: () => Promise<unknown>, draining = false, now = () => 0) {
  return createHealthService({
    checks: [{ name: 'database', driver: 'PostgreSQL', probe }],
    draining: () => draining,
    now,
  })
}

test('ready when every part answers, and each says its driver', async () => {
  expect(await serviceWith(async () => 1).readiness()).toEqual({
    status: 'ready',
    checks: { database: { ok: true, detail: 'PostgreSQL' } },
  })
})

test('a part that fails or hangs makes it unready within its limit', async () => {
  const unready = {
    status: 'unready',
    checks: { database: { ok: false, detail: 'PostgreSQL does not answer' } },
  }
  expect(await serviceWith(() => Promise.reject(new Error('away'))).readiness()).toEqual(unready)
  expect(await serviceWith(never).readiness()).toEqual(unready)
})

test('a server that ends says so', async () => {
  expect((await serviceWith(async () => 1, true).readiness()).status).toBe('draining')
})

test('a good answer is kept for two seconds, a bad one is not', async () => {
  const clock = { ms: 0 }
  let probes = 0
  let away = false
  const service = serviceWith(
    async () => {
      probes++
      if (away) throw new Error('away')
    },
    false,
    () => clock.ms,
  )
  await service.readiness()
  await service.readiness()
  expect(probes).toBe(1)
  clock.ms = 2001
  away = true
  await service.readiness()
  await service.readiness()
  expect(probes).toBe(3)
})

test('a part that calls go on without is told of in its own words, and does not make the server unready', async () => {
  const service = createHealthService({
    checks: [
      { name: 'database', driver: 'PostgreSQL', probe: async () => 1 },
      {
        name: 'storage',
        driver: 'S3',
        probe: () => Promise.reject(new Error('wrong key')),
        describe: (error) => `S3: ${(error as Error).message}`,
        degrades: true,
      },
    ],
    draining: () => false,
    now: () => 0,
  })
  expect(await service.readiness()).toEqual({
    status: 'ready',
    checks: {
      database: { ok: true, detail: 'PostgreSQL' },
      storage: { ok: false, detail: 'S3: wrong key' },
    },
  })
})
