import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createClient } from './client.ts'
import { ConnectionError, ProblemError, TimeoutError, UnexpectedAnswerError } from './errors.ts'
import type { StreamOptions } from './events.ts'
import { createConnections } from './testing.ts'

beforeEach(() => {
  vi.useFakeTimers()
  vi.advanceTimersByTime(60_000)
  // Pauses are random up to a limit: here they are the limit.
  vi.spyOn(Math, 'random').mockReturnValue(1)
})
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

const beginning = (cursor: string) => `retry: 2000\nid: ${cursor}\n\n`
const frame = (cursor: string) =>
  `id: ${cursor}\nevent: room_closed\ndata: {"id":"e${cursor}","type":"room_closed"}\n\n`
/** A stream that is being read, whose requests are answered in turn, then each by a connection. */
function streamWith(answers: (Response | Error | 'hang')[] = [], options: StreamOptions = {}) {
  const { connections, connect } = createConnections()
  const askedAt: number[] = []
  const fetch = async (input: string | URL | Request, init?: RequestInit) => {
    askedAt.push(performance.now())
    const request = new Request(input, init)
    const answer = answers.shift()
    if (answer === 'hang')
      return new Promise<Response>((_, reject) =>
        request.signal.addEventListener('abort', () => reject(request.signal.reason)),
      )
    if (answer instanceof Error) throw answer
    return answer ?? connect(request)
  }
  const client = createClient({ url: 'http://calls.test/', apiKey: 'k', fetch })
  const told: string[] = []
  const lost: unknown[] = []
  const stopping = new AbortController()
  const { signal } = stopping
  const onLost = (reason: unknown) => void lost.push(reason)
  const stream = client.events.stream({ signal, onLost, ...options })
  const read = async (onEvent = () => {}) => {
    for await (const { cursor, event, body } of stream) {
      expect(JSON.parse(body)).toEqual(event)
      told.push(`${cursor} ${event.id}`)
      onEvent()
    }
    return 'ended'
  }
  const stop = () => stopping.abort(new Error('enough'))
  return { connections, askedAt, told, lost, stream, read, stop }
}

/** The same, read from now on. */
function reading(...given: Parameters<typeof streamWith>) {
  const streaming = streamWith(...given)
  const ended = streaming.read()
  ended.catch(() => undefined)
  return { ...streaming, ended }
}

/** Lets everything run that waits for nothing. */
const settle = () => vi.advanceTimersByTimeAsync(0)
const refuse = (status: number, headers = {}) => {
  const problem = {
    type: 'https://rtcstack.dev/errors/some',
    title: 'T',
    status,
    detail: 'D',
    requestId: 'q',
  }
  const contentType = { 'content-type': 'application/problem+json' }
  return new Response(JSON.stringify(problem), { status, headers: { ...contentType, ...headers } })
}

test('a stream asks for what it is told to, with the key, and tells each event with its place and its text', async () => {
  const onConnect = vi.fn()
  const { connections, told } = reading([], {
    roomId: 'a b',
    types: ['room_created', 'room_closed'],
    after: '3',
    onConnect,
  })
  await settle()
  const request = connections[0]?.request
  expect(request?.url).toBe('http://calls.test/v1/events?roomId=a+b&types=room_created%2Croom_closed')
  expect(Object.fromEntries(request?.headers ?? [])).toEqual({
    accept: 'text/event-stream',
    'last-event-id': '3',
    'x-api-key': 'k',
  })
  expect(onConnect).toHaveBeenCalledOnce()
  connections[0]?.send(beginning('3') + frame('4') + frame('9'))
  await settle()
  expect(told).toEqual(['4 e4', '9 e9'])
})

test.each(['end', 'break'] as const)(
  'after the %s of a connection it goes on from the last whole event',
  async (kind) => {
    const { connections, told, lost } = reading()
    await settle()
    expect(connections[0]?.request.headers.has('last-event-id')).toBe(false)
    connections[0]?.send(beginning('0') + frame('1') + frame('2').slice(0, -1))
    await settle()
    connections[0]?.[kind]()
    await vi.advanceTimersByTimeAsync(200)
    expect(lost).toEqual([expect.any(ConnectionError)])
    expect(connections[1]?.request.headers.get('last-event-id')).toBe('1')
    connections[1]?.send(frame('2'))
    await settle()
    expect(told).toEqual(['1 e1', '2 e2'])
  },
)

test('a connection lost before its first event is made again at the place where it began', async () => {
  const { connections } = reading()
  await settle()
  connections[0]?.send(beginning('41'))
  await settle()
  connections[0]?.break()
  await vi.advanceTimersByTimeAsync(200)
  expect(connections[1]?.request.headers.get('last-event-id')).toBe('41')
})

test('it tries again with longer and longer pauses, up to ten seconds, until the server is back', async () => {
  const away = () => new TypeError('fetch failed')
  const { connections, askedAt, lost } = reading([
    away(),
    refuse(503),
    away(),
    away(),
    away(),
    away(),
    away(),
  ])
  await vi.advanceTimersByTimeAsync(60_000)
  expect(askedAt.slice(1).map((at, index) => Math.round(at - (askedAt[index] ?? 0)))).toEqual([
    200, 400, 800, 1600, 3200, 6400, 10_000,
  ])
  expect(connections).toHaveLength(1)
  expect(lost.map((reason) => (reason as Error).constructor)).toEqual([
    ConnectionError,
    ProblemError,
    ...Array(5).fill(ConnectionError),
  ])
})

test('a server that hangs up at once is asked less and less often; after a good connection it is asked soon', async () => {
  const { connections, askedAt } = reading()
  const endedAt: number[] = []
  for (const heldMs of [1000, 1000, 1000, 20_000]) {
    await vi.advanceTimersByTimeAsync(heldMs)
    endedAt.push(performance.now())
    connections.at(-1)?.end()
    await vi.advanceTimersByTimeAsync(1000)
  }
  expect(endedAt.map((at, index) => Math.round((askedAt[index + 1] ?? 0) - at))).toEqual([200, 400, 800, 200])
})

test('it waits as long as the server asks for', async () => {
  const { askedAt } = reading([refuse(429, { 'retry-after': '7' })])
  await vi.advanceTimersByTimeAsync(7000)
  expect(askedAt.map(Math.round).map((at, _, [first = 0]) => at - first)).toEqual([0, 7000])
})

test('a server that does not answer is given up after ten seconds, and asked again', async () => {
  const { connections, lost } = reading(['hang'])
  await vi.advanceTimersByTimeAsync(10_200)
  expect(lost).toEqual([expect.any(TimeoutError)])
  expect(connections).toHaveLength(1)
})

test('a connection without a sign of life for 45 seconds is given up; a comment is a sign', async () => {
  const { connections, lost } = reading()
  await vi.advanceTimersByTimeAsync(44_000)
  connections[0]?.send(':\n\n')
  await vi.advanceTimersByTimeAsync(44_000)
  expect(lost).toEqual([])
  await vi.advanceTimersByTimeAsync(1200)
  expect(lost).toEqual([expect.any(TimeoutError)])
  expect(connections[0]?.isCancelled).toBe(true)
  expect(connections).toHaveLength(2)
})

test.each([
  ['a wrong key', () => refuse(401), ProblemError],
  ['a request that breaks a rule', () => refuse(400), ProblemError],
  [
    'an answer of something else',
    () => new Response('<html>', { headers: { 'content-type': 'text/html' } }),
    UnexpectedAnswerError,
  ],
])('%s is thrown at once', async (_, answer, kind) => {
  const { ended, askedAt } = reading([answer()])
  await settle()
  await expect(ended).rejects.toThrow(kind)
  expect(askedAt).toHaveLength(1)
})

test('a key that became wrong while it was away is thrown too', async () => {
  const { ended } = reading([new TypeError('fetch failed'), refuse(401)])
  await vi.advanceTimersByTimeAsync(200)
  await expect(ended).rejects.toThrow(ProblemError)
})

test('a proxy’s page while the server restarts is waited out', async () => {
  const page = new Response('<html>', { status: 502, headers: { 'content-type': 'text/html' } })
  const { connections } = reading([page])
  await vi.advanceTimersByTimeAsync(200)
  expect(connections).toHaveLength(1)
})

test('what the listener for losses throws ends the stream', async () => {
  const onLost = (reason: unknown) => {
    throw reason
  }
  const { ended } = reading([new TypeError('fetch failed')], { onLost })
  await settle()
  await expect(ended).rejects.toThrow('Cannot reach http://calls.test')
})

test.each([
  ['before it is connected', ['hang'] as const],
  ['while nothing comes', []],
  ['in a pause', [new TypeError('fetch failed')]],
])('an abort %s ends it at once, quietly', async (_, answers) => {
  const { ended, stop, connections } = reading([...answers])
  await settle()
  stop()
  // Only what needs no time may run.
  await settle()
  await expect(Promise.race([ended, Promise.resolve('still going')])).resolves.toBe('ended')
  expect(connections.every(({ isCancelled }) => isCancelled)).toBe(true)
})

test('an abort between two events of one packet lets no more through', async () => {
  const { connections, told, read, stop } = streamWith()
  const ended = read(stop)
  await settle()
  connections[0]?.send(frame('1') + frame('2'))
  await ended
  expect(told).toEqual(['1 e1'])
})

test('a reader who breaks off closes the connection', async () => {
  const { connections, stream } = streamWith()
  const first = stream.next()
  await settle()
  connections[0]?.send(frame('1') + frame('2'))
  expect((await first).value).toMatchObject({ cursor: '1' })
  await stream.return(undefined)
  expect(connections[0]?.isCancelled).toBe(true)
})
