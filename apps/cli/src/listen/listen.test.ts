import { expect, test } from 'vitest'
import { type Answer, problem, runWith } from '../testing.ts'

const bodyOf = (id: string) => `{"id":"${id}", "timestamp":"t","type":"invented_later","roomId":"demo"}`

/** Cursors that a stream tells before it breaks, or no stream at all. */
type Stream = string[] | 'away'

/** A server that gives these streams in turn; when all is told, one that tells nothing. */
function serverWith(streams: Stream[], whenAllTold: () => void): Answer {
  return (request) => {
    const cursors = streams.shift()
    if (cursors === 'away') throw new TypeError('fetch failed')
    if (!cursors) whenAllTold()
    const frames = (cursors ?? []).map((cursor) => `id: ${cursor}\ndata: ${bodyOf(`e${cursor}`)}\n\n`)
    const body = new ReadableStream({
      start(controller) {
        controller.enqueue(new TextEncoder().encode(`retry: 1\nid: 0\n\n${frames.join('')}`))
        if (cursors) controller.close()
        request.signal.addEventListener('abort', () => controller.error(request.signal.reason))
      },
    })
    return new Response(body, { headers: { 'content-type': 'text/event-stream' } })
  }
}

/** Listens until the server has told everything, then Ctrl-C comes. */
function listenTo(streams: Stream[], argv: string[] = [], answers: Record<string, Answer> = {}) {
  const stopping = new AbortController()
  const events = serverWith(streams, () => stopping.abort())
  return runWith(['listen', ...argv], { '/v1/events': events, ...answers }, { signal: stopping.signal })
}

test('events are printed in lines, a loss of the server is said once and healed, and Ctrl-C ends it with 0', async () => {
  const { code, out, err, asked } = await listenTo([['1', '2'], 'away', 'away', ['3']])
  expect(code).toBe(0)
  expect(out.split('\n').map((line) => line.split(/ +/))).toEqual([
    ...Array(3).fill(['t', 'invented_later', 'demo']),
    [''],
  ])
  expect(err).toBe(
    [
      'Listening to http://127.0.0.1:3000; Ctrl-C ends it.',
      'The server is lost, trying again: The event stream ended',
      'The server is back: nothing was missed.',
      'The server is lost, trying again: The event stream ended',
      'The server is back: nothing was missed.',
      '',
    ].join('\n'),
  )
  expect(asked.map(({ headers }) => headers.get('last-event-id'))).toEqual([null, '2', '2', '2', '3'])
})

test('with --json each event is a line, as the server wrote it', async () => {
  const { out } = await listenTo([['1', '2']], ['--json'])
  expect(out).toBe(`${bodyOf('e1')}\n${bodyOf('e2')}\n`)
})

test('the options say what is listened to', async () => {
  const { asked } = await listenTo(
    [],
    ['--room', 'a b', '--types', 'room_created,room_closed', '--after', '7'],
  )
  expect(Object.fromEntries(new URL(asked[0]?.url ?? '').searchParams)).toEqual({
    roomId: 'a b',
    types: 'room_created,room_closed',
  })
  expect(asked[0]?.headers.get('last-event-id')).toBe('7')
})

test('forwarding says to whom, with which secret, and what came of it; the secret is the same each time', async () => {
  const app = { '/hook': { status: 204 } }
  const forwarding = () => listenTo([['1']], ['--forward', 'http://app.test/hook'], app)
  const { err, out, asked } = await forwarding()
  expect(err).toMatch(/Forwarding to http:\/\/app\.test\/hook, signed with the secret whsec_[\w+/]{43}=\n/)
  expect(out).toMatch(/invented_later +demo\n {2}→ POST 204 \(\d+ ms\)\n$/)
  expect(await asked.find(({ url }) => url === 'http://app.test/hook')?.text()).toBe(bodyOf('e1'))
  expect((await forwarding()).err.split('\n')[1]).toBe(err.split('\n')[1])
  const own = await listenTo(
    [],
    ['--forward', 'http://app.test/hook', '--secret', 'a secret of mine, long enough'],
    app,
  )
  expect(own.err).toContain('signed with the secret a secret of mine, long enough\n')
})

test.each<[string, Answer, string]>([
  [
    'a wrong key',
    problem(401, { detail: 'Wrong key' }),
    'Wrong key (401, request q1). Set API_SECRET or --api-key',
  ],
  [
    'a server that is not there',
    () => Promise.reject(new TypeError('fetch failed')),
    'Cannot reach http://127.0.0.1:3000',
  ],
  ['something else at the address', () => new Response('<html>'), 'is not one of the RTCstack API'],
])('%s is said and ends it with 1', async (_, answer, text) => {
  const { code, err, out } = await runWith(['listen'], { '/v1/events': answer })
  expect([code, out]).toEqual([1, ''])
  expect(err).toContain(text)
})

test('a secret that cannot sign is refused before anything is asked', async () => {
  const { code, err, asked } = await runWith(['listen', '--forward', 'http://app.test', '--secret', 'short'])
  expect([code, asked.length]).toEqual([1, 0])
  expect(err).toContain('any text of 24 bytes or more')
})
