import { expect, test } from 'vitest'
import { problem, runWith } from './testing.ts'

const room = {
  name: 'demo',
  sid: 'RM_1',
  numParticipants: 2,
  maxParticipants: 0,
  creationTimeMs: String(Date.now() - 65_000),
}

test('rooms are shown as a table, and as JSON when asked for', async () => {
  const answers = { '/v1/rooms': { body: { rooms: [room], nextCursor: null } } }
  expect((await runWith(['rooms', 'list'], answers)).out).toBe(
    'ROOM  PEOPLE  LIMIT  AGE    SID\ndemo  2       -      1 min  RM_1\n',
  )
  expect(JSON.parse((await runWith(['--json', 'rooms', 'list'], answers)).out)).toEqual({
    rooms: [room],
    nextCursor: null,
  })
  expect(JSON.parse((await runWith(['rooms', 'list', '--json'], answers)).out)).toEqual({
    rooms: [room],
    nextCursor: null,
  })
})

test('a token is asked for as the options say, with the key of the environment', async () => {
  const answers = { '/v1/token': { body: { token: 't', url: 'ws://x', expiresAt: 'e' } } }
  const { code, asked } = await runWith(
    ['token', 'create', '--room', 'r', '--user', 'u', '--role', 'host', '--metadata', '{"a":1}'],
    answers,
  )
  expect(code).toBe(0)
  expect(asked[0]?.headers.get('x-api-key')).toBe('k')
  expect(await asked[0]?.json()).toEqual({
    roomId: 'r',
    userId: 'u',
    name: 'u',
    role: 'host',
    metadata: { a: 1 },
  })
})

test('a kick passes its ban on', async () => {
  const path = '/v1/rooms/r/participants/u'
  const { code, asked } = await runWith(['participants', 'kick', 'r', 'u', '--ban', 'forever'], {
    [path]: { status: 204 },
  })
  expect(code).toBe(0)
  expect(asked[0]?.url).toBe(`http://127.0.0.1:3000${path}?banSeconds=forever`)
})

test('a problem is one line that names the request, and exits with 1', async () => {
  const { code, err } = await runWith(['rooms', 'get', 'r'], {
    '/v1/rooms/r': problem(404, { detail: 'Room not found' }),
  })
  expect({ code, err }).toEqual({ code: 1, err: 'Room not found (404, request q1).\n' })
})

test('a value that breaks a rule is named', async () => {
  const errors = [{ pointer: '#/url', detail: 'resolves to an address that is not public' }]
  const { err } = await runWith(['webhooks', 'create', 'http://inner.test'], {
    '/v1/webhooks': problem(400, { detail: 'A value breaks its rule', errors }),
  })
  expect(err).toBe(
    'A value breaks its rule (400, request q1).\n  #/url resolves to an address that is not public\n',
  )
})

test('what would steer a terminal is not passed on to it', async () => {
  const answers = { '/v1/rooms': { body: { rooms: [{ ...room, name: 'a\u001b[2Jb' }], nextCursor: null } } }
  expect((await runWith(['rooms', 'list'], answers)).out).toContain('a\ufffd[2Jb')
  expect(JSON.parse((await runWith(['rooms', 'list', '--json'], answers)).out).rooms[0].name).toBe(
    'a\u001b[2Jb',
  )
})

test.each(['localhost:3000', 'ftp://x', '', 'http://'])(
  'the address %o is refused with what it must be',
  async (url) => {
    const { code, err } = await runWith(['--url', url, 'rooms', 'list'])
    expect(code).toBe(1)
    expect(err).toContain('--url or RTCSTACK_URL must begin with http:// or https://')
  },
)

test('without a key it says where one comes from', async () => {
  const env = { DATA_DIR: '/nowhere' }
  const { code, err } = await runWith(['rooms', 'list'], {}, { env })
  expect(code).toBe(1)
  expect(err).toContain('set API_SECRET, or run this where /nowhere/api-secret is')
})

test.each([
  [['frob']],
  [['token', 'create']],
  [['token', 'create', '--room', 'r', '--user', 'u', '--role', 'boss']],
  [['rooms', 'create', 'r', '--max-participants', 'x']],
  [['listen', '--types', 'room_created,nothing']],
  [['listen', '--types', '']],
  [['listen', '--after', '-1']],
  [['listen', '--forward', 'localhost:4000']],
  [['events', 'list', '--limit', 'all']],
  [['sessions', 'list', '--status', 'past']],
  [['webhooks', 'create', 'example.com']],
  [['webhooks', 'create', 'http://example.com', '--events', 'room_created,*']],
  [['webhooks', 'replay', 'wh_1']],
  [['webhooks', 'replay', 'wh_1', '--since', 'yesterday']],
])('the command line %o is wrong and exits with 2', async (argv) =>
  expect((await runWith(argv)).code).toBe(2),
)

test('the doctor stops at the first failure and names the setting', async () => {
  const { code, out } = await runWith(['doctor'], { '/v1/health': { body: { version: '1' } } })
  expect(code).toBe(1)
  expect(out).toMatch(/✓ API[\s\S]*✗ key[\s\S]*Set API_SECRET/)
  expect(out).not.toContain('database')
})
