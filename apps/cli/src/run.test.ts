import { expect, test } from 'vitest'
import { run } from './run.ts'

const room = {
  name: 'demo',
  sid: 'RM_1',
  numParticipants: 2,
  maxParticipants: 0,
  creationTimeMs: String(Date.now() - 65_000),
}

/** Runs a command line against answers by path; what it printed and asked for. */
async function runWith(
  argv: string[],
  answers: Record<string, { status?: number; body?: unknown }> = {},
  env = { API_SECRET: 'k' },
) {
  const printed = { out: '', err: '' }
  const asked: Request[] = []
  const fetch = async (input: string | URL | Request, init?: RequestInit) => {
    const request = new Request(input, init)
    asked.push(request)
    const { status = 200, body } = answers[new URL(request.url).pathname] ?? { status: 404, body: {} }
    const type = status < 400 ? 'application/json' : 'application/problem+json'
    return new Response(body === undefined ? null : JSON.stringify(body), {
      status,
      headers: { 'content-type': type },
    })
  }
  const code = await run(argv, {
    stdout: { write: (text) => (printed.out += text) },
    stderr: { write: (text) => (printed.err += text) },
    env,
    fetch,
  })
  return { code, ...printed, asked }
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
  const problem = {
    type: 'https://rtcstack.dev/errors/not-found',
    title: 'Not Found',
    status: 404,
    detail: 'Room not found',
    requestId: 'q1',
  }
  const { code, err } = await runWith(['rooms', 'get', 'r'], {
    '/v1/rooms/r': { status: 404, body: problem },
  })
  expect({ code, err }).toEqual({ code: 1, err: 'Room not found (404, request q1).\n' })
})

test('without a key it says where one comes from', async () => {
  const env = { DATA_DIR: '/nowhere' } as never
  const { code, err } = await runWith(['rooms', 'list'], {}, env)
  expect(code).toBe(1)
  expect(err).toContain('set API_SECRET, or run this where /nowhere/api-secret is')
})

test.each([
  [['frob']],
  [['token', 'create']],
  [['token', 'create', '--room', 'r', '--user', 'u', '--role', 'boss']],
  [['rooms', 'create', 'r', '--max-participants', 'x']],
])('the command line %o is wrong and exits with 2', async (argv) =>
  expect((await runWith(argv)).code).toBe(2),
)

test('the doctor stops at the first failure and names the setting', async () => {
  const { code, out } = await runWith(['doctor'], { '/v1/health': { body: { version: '1' } } })
  expect(code).toBe(1)
  expect(out).toMatch(/✓ API[\s\S]*✗ key[\s\S]*Set API_SECRET/)
  expect(out).not.toContain('database')
})
