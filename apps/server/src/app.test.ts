import { operations } from '@rtcstack/contract'
import type { RouteOptions } from 'fastify'
import { pino } from 'pino'
import { afterEach, expect, test } from 'vitest'
import { type AppParts, registerFeatures } from './app.ts'
import { createAudit } from './audit/audit.ts'
import { readConfig } from './config.ts'
import { createHealthService } from './health/service.ts'
import { createHttpServer, type HttpServer } from './http/server.ts'

const apiKey = 'the key of these tests'
let app: HttpServer | undefined

afterEach(() => app?.close())

/** The real routes over parts that are not there: for what is decided before a service is asked. */
async function appWith(env: Record<string, string> = {}, draining = false) {
  const config = readConfig(env)
  const routes: RouteOptions[] = []
  app = await createHttpServer({
    config,
    log: pino({ level: 'silent' }),
    draining: () => draining,
    translate: () => undefined,
  })
  app.addHook('onRoute', (route) => void routes.push(route))
  const tokens = {
    issue: async () => ({ token: 't', url: 'ws://x', expiresAt: new Date(0).toISOString() }),
    verify: () => Promise.reject(new Error('not here')),
  }
  await registerFeatures(app, {
    config,
    version: '0.0.0',
    apiKeys: [apiKey],
    audit: createAudit({} as never),
    livekit: { url: 'http://127.0.0.1:1', apiKey: 'k', apiSecret: 's' },
    health: createHealthService({ checks: [], draining: () => draining, now: Date.now }),
    tokens,
  } as unknown as AppParts)
  return { app, routes }
}

const body = { roomId: 'r', userId: 'u', name: 'n', role: 'host' }
const askToken = (server: HttpServer, headers: Record<string, string> = {}) =>
  server.inject({
    method: 'POST',
    url: '/v1/token',
    headers: { 'x-api-key': apiKey, ...headers },
    payload: body,
  })

test('the router equals the contract, both ways, but for what says why it is not in it', async () => {
  const { routes } = await appWith()
  const routed = routes
    .filter(
      (route) =>
        !(route.config as { undocumented?: string } | undefined)?.undocumented &&
        !route.url.startsWith('/docs/assets'),
    )
    .flatMap((route) => [route.method].flat().map((method) => `${method} ${route.url}`))
    .filter((route) => !route.startsWith('HEAD '))
  expect(routed.sort()).toEqual(operations.map(({ method, path }) => `${method} ${path}`).sort())
})

test('no browser origin may call the API unless it is listed', async () => {
  const origin = 'https://app.example.com'
  const closed = await appWith()
  expect((await askToken(closed.app, { origin })).headers['access-control-allow-origin']).toBeUndefined()
  await closed.app.close()
  const open = await appWith({ CORS_ORIGINS: origin })
  expect((await askToken(open.app, { origin })).headers['access-control-allow-origin']).toBe(origin)
  expect(
    (await askToken(open.app, { origin: 'https://evil.example' })).headers['access-control-allow-origin'],
  ).toBeUndefined()
})

test('a budget that is used up answers 429, with the time to wait', async () => {
  const { app: server } = await appWith({ RATE_LIMIT_TOKEN: '2' })
  expect((await askToken(server)).headers.ratelimit).toBe('"token";r=1;t=0')
  await askToken(server)
  const refused = await askToken(server)
  expect(refused.statusCode).toBe(429)
  expect(refused.headers['retry-after']).toBe('30')
  expect(refused.json()).toMatchObject({ type: 'https://rtcstack.dev/errors/rate-limited', status: 429 })
})

test('refused credentials have a small budget of their own, and a right key never meets it', async () => {
  const { app: server } = await appWith({ RATE_LIMIT_AUTH_FAILURES: '2' })
  const statuses = []
  for (let count = 0; count < 4; count++)
    statuses.push((await askToken(server, { 'x-api-key': 'wrong' })).statusCode)
  expect(statuses).toEqual([401, 401, 429, 429])
  expect((await askToken(server)).statusCode).toBe(200)
})

test('behind a proxy that is named, the budget is the client’s, not the proxy’s', async () => {
  const { app: server } = await appWith({ RATE_LIMIT_AUTH_FAILURES: '1', TRUST_PROXY: '127.0.0.1' })
  const from = async (address: string) =>
    (await askToken(server, { 'x-api-key': 'wrong', 'x-forwarded-for': address })).statusCode
  expect([await from('192.0.2.1'), await from('192.0.2.1'), await from('192.0.2.2')]).toEqual([401, 429, 401])
})

test('a server that ends refuses requests, and its probes say so', async () => {
  const { app: server } = await appWith({}, true)
  expect((await askToken(server)).json()).toMatchObject({
    type: 'https://rtcstack.dev/errors/shutting-down',
    status: 503,
  })
  expect((await server.inject('/livez')).statusCode).toBe(200)
  expect((await server.inject('/readyz')).json()).toMatchObject({ status: 'draining' })
})

test('every problem has a page, and nothing else has', async () => {
  const { app: server } = await appWith()
  const page = await server.inject('/errors/not-found')
  expect(page.statusCode).toBe(200)
  expect(page.headers['content-type']).toBe('text/html; charset=utf-8')
  expect(page.body).toContain('<h1>not-found</h1>')
  expect((await server.inject('/errors/no-such-problem')).statusCode).toBe(404)
  expect((await server.inject('/errors/constructor')).statusCode).toBe(404)
})

test('an unknown fault is a 500 that tells nothing of itself', async () => {
  const { app: server } = await appWith()
  const answer = await server.inject({ url: '/v1/rooms', headers: { 'x-api-key': apiKey } })
  expect(answer.json()).toEqual({
    type: 'https://rtcstack.dev/errors/internal',
    title: 'Internal Server Error',
    status: 500,
    detail: 'Something went wrong here',
    requestId: answer.headers['x-request-id'],
  })
})
