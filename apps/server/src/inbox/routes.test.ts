import { createHash } from 'node:crypto'
import { type FaultProxy, startFaultProxy } from '@rtcstack/testkit'
import { AccessToken } from 'livekit-server-sdk'
import { pino } from 'pino'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { isDatabaseAway } from '../database/away.ts'
import { type Database, openDatabase } from '../database/database.ts'
import { useDatabase } from '../database/testing.ts'
import { problems } from '../http/problem.ts'
import { createHttpServer, type HttpServer } from '../http/server.ts'
import { registerInboxRoutes, webhookPath } from './routes.ts'
import { keepLetters, type Letter } from './store.ts'

const log = pino({ level: 'silent' })
const apiKey = 'livekit'
const apiSecret = 'a secret of thirty-two characters'
const stored = useDatabase()
let proxy: FaultProxy
let database: Database
let app: HttpServer
const onKept = vi.fn()

beforeAll(async () => {
  proxy = await startFaultProxy({ targetPort: Number(new URL(stored.url).port) })
  database = openDatabase(stored.url.replace(/:\d+\//, `:${proxy.port}/`), log)
  app = await appThatKeeps((letter) => keepLetters(database, [letter]))
})
afterAll(async () => {
  await app.close()
  await database.destroy()
  await proxy.close()
})

async function appThatKeeps(keep: (letter: Letter) => Promise<unknown>): Promise<HttpServer> {
  const made = await createHttpServer({
    config: { CORS_ORIGINS: [], TRUST_PROXY: [] },
    log,
    draining: () => false,
    translate: (error) => (isDatabaseAway(error) ? problems.databaseUnavailable(error) : undefined),
  })
  registerInboxRoutes(made, { apiKey, apiSecret, keep, onKept, countRefusal: (_request, check) => check() })
  return made
}

const hashOf = (body: string) => createHash('sha256').update(body).digest('base64')

/** The token that LiveKit puts beside a body, and what it might be instead. */
function tokenFor(body: string, { key = apiKey, secret = apiSecret, ttl = 300, sha256 = hashOf(body) } = {}) {
  const token = new AccessToken(key, secret, { ttl })
  token.sha256 = sha256
  return token.toJwt()
}

const post = (body: string, authorization?: string, to = app) =>
  to.inject({
    method: 'POST',
    url: webhookPath,
    headers: { 'content-type': 'application/webhook+json', ...(authorization && { authorization }) },
    body,
  })

const letter = (id: string, more = {}) => JSON.stringify({ id, event: 'room_started', ...more })
const rowsOf = (id: string) =>
  stored.database.selectFrom('inbox').selectAll().where('livekit_id', '=', id).execute()

test('an event is kept as it came, and dealt with later', async () => {
  const body = letter('EV_kept', { anything: 'of a later LiveKit' })
  onKept.mockClear()
  const answer = await post(body, await tokenFor(body))
  expect(answer.statusCode).toBe(200)
  expect(await rowsOf('EV_kept')).toMatchObject([{ body, processed_at: null }])
  expect(onKept).toHaveBeenCalledOnce()
})

test('it is answered when it is committed, not before', async () => {
  const committed = Promise.withResolvers<void>()
  const asked = Promise.withResolvers<Letter>()
  await using slow = await appThatKeeps((one) => {
    asked.resolve(one)
    return committed.promise
  })
  const body = letter('EV_slow')
  let answered = false
  const answering = post(body, await tokenFor(body), slow).then((answer) => {
    answered = true
    return answer
  })
  expect(await asked.promise).toEqual({ livekitId: 'EV_slow', body })
  await new Promise(setImmediate)
  expect(answered).toBe(false)
  committed.resolve()
  expect((await answering).statusCode).toBe(200)
})

test('an event that comes again changes nothing', async () => {
  const body = letter('EV_again')
  for (const _ of [1, 2, 3]) expect((await post(body, await tokenFor(body))).statusCode).toBe(200)
  const repeat = letter('EV_again', { event: 'room_finished' })
  expect((await post(repeat, await tokenFor(repeat))).statusCode).toBe(200)
  expect(await rowsOf('EV_again')).toMatchObject([{ body }])
})

const forged = letter('EV_forged')
const participantToken = () => {
  const token = new AccessToken(apiKey, apiSecret, { identity: 'ada', ttl: 300 })
  token.addGrant({ room: 'r', roomJoin: true })
  return token.toJwt()
}

test.each<[what: string, token: () => string | undefined | Promise<string>]>([
  ['no token', () => undefined],
  ['no token at all', () => 'Bearer'],
  ['another secret', () => tokenFor(forged, { secret: 'another secret of thirty-two signs' })],
  ['another key', () => tokenFor(forged, { key: 'another' })],
  ['the hash of another body', () => tokenFor(letter('EV_other'))],
  [
    'the hash in hexadecimal',
    () => tokenFor(forged, { sha256: createHash('sha256').update(forged).digest('hex') }),
  ],
  ['the token of a participant', participantToken],
  ['an expired token', () => tokenFor(forged, { ttl: -60 })],
  [
    'a token without a signature',
    async () => `${(await tokenFor(forged)).split('.').slice(0, 2).join('.')}.`,
  ],
])('with %s it is refused, and nothing is kept', async (_what, token) => {
  const answer = await post(forged, await token())
  expect(answer.statusCode).toBe(401)
  expect(answer.headers['content-type']).toBe('application/problem+json')
  expect(await rowsOf('EV_forged')).toEqual([])
})

test.each(['refuse', 'blackhole'] as const)(
  'while the database is away (%s) it is answered with 503, so that LiveKit sends it again',
  async (mode) => {
    const body = letter(`EV_away_${mode}`)
    await proxy.set(mode)
    const answer = await post(body, await tokenFor(body))
    expect(answer.statusCode).toBe(503)
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0)
    await proxy.set('pass')
    expect((await post(body, await tokenFor(body))).statusCode).toBe(200)
    expect(await rowsOf(`EV_away_${mode}`)).toHaveLength(1)
  },
)

test('an event may be larger than a request of the API, but not without limit', async () => {
  const large = letter('EV_large', { text: 'x'.repeat(1_000_000) })
  expect((await post(large, await tokenFor(large))).statusCode).toBe(200)
  const huge = letter('EV_huge', { text: 'x'.repeat(5_000_000) })
  expect((await post(huge, await tokenFor(huge))).statusCode).toBe(413)
})

test.each(['', 'no JSON', '{}', '{"id":7}'])('what has no id, %j, is refused', async (body) => {
  expect((await post(body, await tokenFor(body))).statusCode).toBe(400)
})
