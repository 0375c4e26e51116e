import { eventually } from '@rtcstack/testkit'
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { createOutbound } from './outbound.ts'
import { fakeNames } from './testing/fake-names.ts'
import { publicAddress } from './testing/hostile-addresses.ts'
import { type Peer, startHttpPeer, startPeer } from './testing/peer.ts'
import { watchConnections } from './testing/watch-connections.ts'

const deadlineMs = 400
/** How late a timer may be on a machine that is busy. */
const lateMs = 2000
const parcel = { headers: {}, body: '{}' }

afterEach(() => vi.useRealTimers())

function hasty(options: Partial<Parameters<typeof createOutbound>[0]> = {}) {
  const outbound = createOutbound({ allowCidrs: ['127.0.0.0/8'], deadlineMs, ...options })
  onTestFinished(outbound.close)
  return outbound
}

async function expectTimeout(
  post: ReturnType<ReturnType<typeof hasty>['post']>,
  statusCode: number | null,
  error: string | null = 'timeout',
) {
  const outcome = await post
  expect(outcome).toMatchObject({ error, statusCode })
  expect(outcome.durationMs).toBeGreaterThanOrEqual(deadlineMs - 5)
  expect(outcome.durationMs).toBeLessThan(deadlineMs + lateMs)
}

const broken = (peer: Peer) => eventually(() => peer.sockets.every((socket) => socket.destroyed))

describe('one deadline holds over', () => {
  test('a name that is looked up for ever', async () => {
    await expectTimeout(hasty({ lookup: () => undefined }).post('http://slow.example/', parcel), null)
  })

  test('a host that does not take the connection', async () => {
    using watch = watchConnections({ outside: 'hanging' })
    await expectTimeout(hasty().post(`http://${publicAddress}/`, parcel), null)
    expect(watch.attempts).toHaveLength(1)
  })

  test('many addresses of which none takes the connection', async () => {
    using watch = watchConnections({ outside: 'hanging' })
    const addresses = Array.from({ length: 100 }, (_, index) => `93.184.216.${index}`)
    const outbound = hasty({ lookup: fakeNames({ 'many.example': addresses }) })
    await expectTimeout(outbound.post('http://many.example/', parcel), null)
    expect(watch.attempts.length).toBeGreaterThan(0)
    expect(watch.attempts.length).toBeLessThan(20)
  })

  test('a TLS handshake that nobody answers', async () => {
    await using peer = await startPeer((socket) => void socket.resume())
    await expectTimeout(hasty().post(`https://127.0.0.1:${peer.port}/`, parcel), null)
    await broken(peer)
  })

  test('a request that nobody reads', async () => {
    await using peer = await startPeer((socket) => void socket.pause())
    await expectTimeout(
      hasty().post(`http://127.0.0.1:${peer.port}/`, { headers: {}, body: 'x'.repeat(8_000_000) }),
      null,
    )
  })

  test('a request that nobody answers', async () => {
    await using peer = await startHttpPeer(() => undefined)
    await expectTimeout(hasty().post(`http://127.0.0.1:${peer.port}/`, parcel), null)
    await broken(peer)
  })

  test.each([
    ['headers that drip', 'HTTP/1.1 200 OK\r\nx-', null, 'timeout'],
    [
      'hints that never end',
      'HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 103 Early Hints\r\nx-',
      null,
      'timeout',
    ],
    ['the body of a good answer', 'HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n', 200, null],
    [
      'chunks of a bad answer',
      'HTTP/1.1 500 No\r\ntransfer-encoding: chunked\r\n\r\nffff\r\n',
      500,
      'status',
    ],
  ])('%s, and what began tells what came of it', async (_what, beginning, statusCode, error) => {
    await using peer = await startHttpPeer((socket) => {
      socket.write(beginning)
      const drip = setInterval(() => socket.write('y'), 20)
      socket.on('close', () => clearInterval(drip))
    })
    await expectTimeout(hasty().post(`http://127.0.0.1:${peer.port}/`, parcel), statusCode, error)
    await broken(peer)
  })
})

test('a connection that is kept, and then hangs, is not tried again behind the deadline', async () => {
  let requests = 0
  await using peer = await startHttpPeer((socket) => {
    requests++
    if (requests === 1) socket.write('HTTP/1.1 204 No Content\r\n\r\n')
  })
  const outbound = hasty()
  const url = `http://127.0.0.1:${peer.port}/`
  expect((await outbound.post(url, parcel)).error).toBe(null)
  await expectTimeout(outbound.post(url, parcel), null)
  await broken(peer)
  expect({ requests, connections: peer.sockets.length }).toEqual({ requests: 2, connections: 1 })
})

test('the deadline is 15 s', async () => {
  vi.useFakeTimers()
  const outbound = createOutbound({ allowCidrs: [], lookup: () => undefined })
  const settled = vi.fn()
  const posting = outbound.post('http://slow.example/', parcel).then(settled)
  await vi.advanceTimersByTimeAsync(14_999)
  expect(settled).not.toHaveBeenCalled()
  await vi.advanceTimersByTimeAsync(1)
  await posting
  expect(settled.mock.lastCall).toMatchObject([{ error: 'timeout', durationMs: 15_000 }])
  await outbound.close()
})

test('a name that is looked up for ever does not keep who gives it waiting', async () => {
  vi.useFakeTimers()
  const outbound = createOutbound({ allowCidrs: [], lookup: () => undefined })
  const refusal = outbound.refusal('http://slow.example/')
  await vi.advanceTimersByTimeAsync(2000)
  expect(await refusal).toBeUndefined()
  await outbound.close()
})

test('an answer that came in time leaves no timer and no connection that is held for it', async () => {
  await using peer = await startPeer((socket) => {
    socket.pause()
    socket.write('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n')
  })
  const body = 'x'.repeat(8_000_000)
  const outbound = hasty({ deadlineMs: 15_000 })
  const outcome = await outbound.post(`http://127.0.0.1:${peer.port}/`, { headers: {}, body })
  expect(outcome).toMatchObject({ statusCode: 200, error: null })
  const [socket] = peer.sockets
  socket?.resume()
  await broken(peer)
  expect(socket?.bytesRead).toBeLessThan(body.length)
})
