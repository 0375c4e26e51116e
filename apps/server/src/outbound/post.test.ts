import { eventually, startReceiver } from '@rtcstack/testkit'
import { afterAll, describe, expect, test } from 'vitest'
import { createOutbound } from './outbound.ts'
import { startHttpPeer } from './testing/peer.ts'

const outbound = createOutbound({ allowCidrs: ['127.0.0.0/8'], deadlineMs: 10_000 })
afterAll(outbound.close)

const parcel = { headers: { 'x-mine': 'yes' }, body: '{"é":1}' }

/** What comes of a post that is answered with these bytes. */
async function answered(...parts: string[]) {
  await using peer = await startHttpPeer((socket) => socket.write(parts.join('\r\n')))
  return await outbound.post(`http://127.0.0.1:${peer.port}/`, parcel)
}

const body = (text: string) => ['HTTP/1.1 200 OK', `content-length: ${Buffer.byteLength(text)}`, '', text]

test('the body goes out as it is, by POST, to the path and query that were given', async () => {
  await using receiver = await startReceiver()
  const outcome = await outbound.post(`${receiver.url}?a=b%20c`, parcel)
  expect(receiver.received).toMatchObject([
    {
      path: '/hook?a=b%20c',
      body: parcel.body,
      headers: { 'x-mine': 'yes', 'content-length': '8', 'accept-encoding': 'identity' },
    },
  ])
  expect(receiver.received[0]?.headers['transfer-encoding']).toBeUndefined()
  expect(outcome).toMatchObject({ statusCode: 204, error: null, address: '127.0.0.1', answer: null })
})

describe('the status', () => {
  test.each([200, 201, 202, 204, 226, 299])('%i is a delivery', async (statusCode) => {
    const outcome = await answered(`HTTP/1.1 ${statusCode} Text`, 'content-length: 0', '', '')
    expect(outcome).toMatchObject({ statusCode, error: null })
  })

  test.each([300, 304, 400, 401, 404, 410, 429, 500, 503, 599])('%i is none', async (statusCode) => {
    const outcome = await answered(`HTTP/1.1 ${statusCode} Text`, 'content-length: 0', '', '')
    expect(outcome).toMatchObject({ statusCode, error: 'status' })
  })

  test.each([301, 302, 303, 307, 308])('%i is none, and is not followed', async (statusCode) => {
    await using target = await startReceiver()
    await using receiver = await startReceiver({
      answer: (_request, response) => response.writeHead(statusCode, { location: target.url }).end(),
    })
    expect(await outbound.post(receiver.url, parcel)).toMatchObject({ statusCode, error: 'status' })
    expect(receiver.received).toHaveLength(1)
    expect(target.received).toEqual([])
  })

  test('comes after those that only tell of it', async () => {
    const early = ['HTTP/1.1 100 Continue', '', 'HTTP/1.1 103 Early Hints', 'link: </a>', '']
    expect(await answered(...early, ...body('done'))).toMatchObject({ statusCode: 200, answer: 'done' })
  })

  test('101 is none, and takes nobody to another protocol', async () => {
    await using peer = await startHttpPeer((socket) =>
      socket.write('HTTP/1.1 101 Switching\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n'),
    )
    const outcome = await outbound.post(`http://127.0.0.1:${peer.port}/`, parcel)
    expect(outcome).toMatchObject({ statusCode: 101, error: 'status' })
    await eventually(() => peer.sockets[0]?.destroyed === true)
  })
})

describe('of an answer', () => {
  test('that has no end 16 kB are read, then the connection is broken, and the status counts', async () => {
    await using peer = await startHttpPeer((socket) => {
      const chunk = Buffer.alloc(1024, 'x')
      const say = () => {
        while (!socket.destroyed && socket.write(chunk));
      }
      socket.write('HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\n\r\n')
      socket.on('drain', say)
      say()
    })
    const outcome = await outbound.post(`http://127.0.0.1:${peer.port}/`, parcel)
    expect(outcome).toMatchObject({ statusCode: 200, error: null, answer: 'x'.repeat(4096) })
    await eventually(() => peer.sockets[0]?.destroyed === true)
  })

  test.each([
    { promise: 'after 16 383 bytes the rest is waited for', sizeBytes: 16_383, deadlineMs: 500, waits: true },
    { promise: '16 384 bytes are enough', sizeBytes: 16_384, deadlineMs: 10_000, waits: false },
  ])('that goes on, $promise', async ({ sizeBytes, deadlineMs, waits }) => {
    const outbound = createOutbound({ allowCidrs: ['127.0.0.0/8'], deadlineMs })
    await using peer = await startHttpPeer((socket) =>
      socket.write(`HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n${'x'.repeat(sizeBytes)}`),
    )
    const { durationMs, error } = await outbound.post(`http://127.0.0.1:${peer.port}/`, parcel)
    expect({ error, waits: durationMs >= deadlineMs - 5 }).toEqual({ error: null, waits })
    await eventually(() => peer.sockets[0]?.destroyed === true)
    await outbound.close()
  })

  test('the first 4 KiB are kept', async () => {
    expect((await answered(...body('a'.repeat(4096)))).answer).toBe('a'.repeat(4096))
    expect((await answered(...body(`${'a'.repeat(4096)}b`))).answer).toBe('a'.repeat(4096))
    expect((await answered(...body(`${'a'.repeat(4095)}é`))).answer).toBe(`${'a'.repeat(4095)}\ufffd`)
  })

  test('NUL, which PostgreSQL does not store, is replaced', async () => {
    expect((await answered(...body('a\0b\0'))).answer).toBe('a\ufffdb\ufffd')
  })

  test('chunks are put together, and what is compressed stays so', async () => {
    const chunked = ['HTTP/1.1 200 OK', 'transfer-encoding: chunked', '', '2', 'ab', '1', 'c', '0', '', '']
    expect((await answered(...chunked)).answer).toBe('abc')
    expect(
      (await answered('HTTP/1.1 200 OK', 'content-encoding: gzip', 'content-length: 3', '', '\x1f\x01z'))
        .answer,
    ).toBe('\x1f\x01z')
  })

  test('that breaks off the status counts', async () => {
    await using peer = await startHttpPeer((socket) =>
      socket.end('HTTP/1.1 202 OK\r\ncontent-length: 10\r\n\r\nhalf'),
    )
    const outcome = await outbound.post(`http://127.0.0.1:${peer.port}/`, parcel)
    expect(outcome).toMatchObject({ statusCode: 202, error: null, answer: 'half' })
  })

  test.each([
    ['with endless headers', `HTTP/1.1 200 OK\r\nx: ${'y'.repeat(100_000)}\r\n\r\n`],
    ['with too many headers', `HTTP/1.1 200 OK\r\n${'x: y\r\n'.repeat(10_000)}\r\n`],
    ['of another protocol', 'SSH-2.0-OpenSSH_9.6\r\n'],
    ['with two lengths', 'HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab'],
  ])('%s there is nothing to tell', async (_what, bytes) => {
    expect(await answered(bytes)).toMatchObject({ statusCode: null, error: 'other', answer: null })
  })
})

describe('Retry-After', () => {
  const retryAfter = async (value: string) =>
    (await answered('HTTP/1.1 503 Busy', `retry-after: ${value}`, 'content-length: 0', '', ''))
      .retryAfterSeconds

  test('is read as seconds', async () => {
    expect(await retryAfter('120')).toBe(120)
    expect(await retryAfter('0')).toBe(0)
  })

  test('is read as a date, of which the past means now', async () => {
    const seconds = await retryAfter(new Date(Date.now() + 3_600_000).toUTCString())
    expect(seconds).toBeGreaterThan(3580)
    expect(seconds).toBeLessThanOrEqual(3600)
    expect(await retryAfter(new Date(0).toUTCString())).toBe(0)
  })

  test.each(['', 'soon', '1e9', '12345678901', '٣'])('%j is nothing to go by', async (value) => {
    expect(await retryAfter(value)).toBeUndefined()
  })
})
