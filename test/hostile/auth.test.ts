import { expect, test } from 'vitest'
import { liveKitOf } from '../managed-livekit.ts'
import { useServer } from '../product.ts'
import { badKeys, badTokens, type Credentials } from './bad-credentials.ts'
import { type DocumentedOperation, documented, exampleAddress } from './document.ts'
import { createExchange } from './exchange.ts'
import { slugOf, unlikeProblem } from './problem-rules.ts'
import { openRaw } from './raw-connection.ts'
import { contentLength, raw } from './raw-requests.ts'
import { interleavedMedians } from './timing.ts'

const product = useServer({ RATE_LIMIT_AUTH_FAILURES: '1000000' })
const guarded = documented.filter(({ security }) => security !== 'none')
const line = ([name, value]: [string, string]) => `${name}: ${value}`

/** What one request with these credentials is answered; its body is bad, and never arrives whole. */
async function knock(operation: DocumentedOperation, { headers }: Credentials) {
  const connection = await openRaw(product.server.url)
  const bodyLines = ['Content-Type: text/plain', contentLength(300_000)]
  const [lines, body] = operation.method === 'GET' ? [[], ''] : [bodyLines, '{']
  try {
    connection.send(raw(operation.method, exampleAddress(operation), [...headers.map(line), ...lines], body))
    return (await connection.answers(1))[0]
  } finally {
    connection.destroy()
  }
}

async function expectRefusal(operation: DocumentedOperation, credentials: Credentials): Promise<void> {
  const answer = await knock(operation, credentials)
  expect(answer?.status, credentials.name).toBe(401)
  if (!answer) return
  expect(unlikeProblem(answer), credentials.name).toBeUndefined()
  expect(slugOf(answer)).toBe('unauthorized')
  expect(answer.headers['www-authenticate']).toContain('realm="rtcstack"')
}

async function allBadCredentials(): Promise<Credentials[]> {
  const { token } = await product.token('auth', 'ada', 'host')
  const signing = await liveKitOf(product.server.dataDirectory)
  return [
    ...badKeys({ key: product.server.apiSecret, token }),
    ...(await badTokens({ ...signing, room: 'team-standup' })),
  ]
}

test('there are routes that need a key', () => expect(guarded.length).toBeGreaterThan(5))

test.each(guarded)(
  '$method $path refuses every bad credential before it reads the body',
  async (operation) => {
    for (const credentials of await allBadCredentials()) await expectRefusal(operation, credentials)
  },
)

test.each(guarded.filter(({ security }) => security === 'apiKey'))(
  '$method $path takes no participant’s token',
  async (operation) => {
    const { token } = await product.token('team-standup', 'ada', 'host')
    await expectRefusal(operation, {
      name: 'a host’s token',
      headers: [['Authorization', `Bearer ${token}`]],
    })
  },
)

test('the time of a refusal does not tell how wrong the key was', { timeout: 60_000 }, async () => {
  const key = product.server.apiSecret
  const other = (letter = '') => (letter === '0' ? '1' : '0')
  const keys = {
    'wrong at the first byte': `${other(key[0])}${key.slice(1)}`,
    'wrong in the middle': `${key.slice(0, 32)}${other(key[32])}${key.slice(33)}`,
    'wrong at the last byte': `${key.slice(0, -1)}${other(key.at(-1))}`,
    'too short': key.slice(0, 8),
    'too long': key.repeat(3),
    'of one letter': 'x'.repeat(key.length),
  }
  const { exchange, close } = createExchange(product.server.url, { connections: 1 })
  const calls = Object.entries(keys).map(([name, wrong]) => [
    name,
    async () => {
      const headers = { 'x-api-key': wrong }
      expect((await exchange({ method: 'GET', path: '/v1/rooms', headers })).status).toBe(401)
    },
  ])
  const medians = await interleavedMedians(Object.fromEntries(calls), 300)
  close()
  const [fastest, slowest] = [Math.min(...Object.values(medians)), Math.max(...Object.values(medians))]
  expect(slowest - fastest, JSON.stringify(medians)).toBeLessThan(Math.max(0.2 * fastest, 0.3))
})
