import { once } from 'node:events'
import { get, type IncomingMessage } from 'node:http'
import { connect, type Socket } from 'node:net'
import { eventually, type RunningServer } from '@rtcstack/testkit'
import { describe, expect, test } from 'vitest'
import { residentMegabytes } from './hostile/memory.ts'
import { uniqueName, useServer } from './product.ts'

const product = useServer({ LOG_LEVEL: 'debug' })

interface Frame {
  id: string
  event: string
  data: { id: string; type: string; roomId: string; sequence: number }
}

/** Opens a stream and keeps what comes; by node:http, as fetch opens a spare connection for each that it breaks off. */
async function open({ url, apiSecret }: RunningServer, query = '', headers: Record<string, string> = {}) {
  const request = get(`${url}/v1/events${query}`, {
    agent: false,
    headers: { 'x-api-key': apiSecret, accept: 'text/event-stream', ...headers },
  })
  const [answer] = (await once(request, 'response')) as [IncomingMessage]
  let text = ''
  answer.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk
  })
  answer.on('error', () => undefined)
  const ended = new Promise((resolve) => answer.on('close', resolve))
  const close = () => void request.destroy()
  /** What stands between two empty lines, in order. */
  const blocks = () => text.split('\n\n').slice(0, -1)
  return {
    status: answer.statusCode,
    headers: answer.headers,
    blocks,
    frames: () =>
      blocks()
        .filter((block) => block.startsWith('id: '))
        .map(toFrame),
    ended,
    close,
    [Symbol.dispose]: close,
  }
}

function toFrame(block: string): Frame {
  const [, id = '', event = '', data = ''] = /^id: (.*)\nevent: (.*)\ndata: (.*)$/.exec(block) ?? []
  return { id, event, data: JSON.parse(data) }
}

/** Makes and removes rooms; resolves to their names. */
async function makeRooms(count: number, metadata = ''): Promise<string[]> {
  const names = Array.from({ length: count }, () => uniqueName('stream'))
  for (const name of names) {
    await product.client.rooms.create({ name, metadata })
    await product.client.rooms.delete(name)
  }
  return names
}

test('an event is its place, its type and itself, and the stream says when to come back', async () => {
  using stream = await open(product.server)
  expect(stream.status).toBe(200)
  expect(stream.headers['content-type']).toBe('text/event-stream; charset=utf-8')
  expect(stream.headers['cache-control']).toContain('no-store')
  const [room] = await makeRooms(1)
  await eventually(() => stream.frames().length === 2)
  expect(stream.blocks()[0]).toMatch(/^retry: 2000\nid: \d+$/)
  const { events } = await product.client.events.list({ roomId: room ?? '' })
  expect(stream.frames().map(({ data }) => data)).toEqual(events)
  expect(stream.frames().map(({ event }) => event)).toEqual(['room_created', 'room_closed'])
})

test('Last-Event-ID goes on after that event, whatever the address says', async () => {
  const [room] = await makeRooms(3)
  using whole = await open(product.server, '?after=0')
  await eventually(() => whole.frames().length >= 6)
  const place = whole.frames().findIndex(({ data }) => data.roomId === room)
  const all = whole.frames()
  using rest = await open(product.server, '?after=0', { 'last-event-id': all[place]?.id ?? '' })
  await eventually(() => rest.frames().length === all.length - place - 1)
  expect(rest.frames()).toEqual(all.slice(place + 1))
})

test.each(['x', '-1', '1.5', '01', '1'.repeat(19), '0x1'])('the Last-Event-ID %j is refused', async (id) => {
  using stream = await open(product.server, '', { 'last-event-id': id })
  expect(stream.status).toBe(400)
  expect(stream.headers['content-type']).toBe('application/problem+json')
})

test('a stream of a room and of types tells of nothing else', async () => {
  const room = uniqueName('only')
  using ofRoom = await open(product.server, `?roomId=${room}`)
  using ofType = await open(product.server, '?types=room_closed')
  using ofBoth = await open(product.server, `?roomId=${room}&types=room_closed,participant_left`)
  const others = await makeRooms(2)
  await product.client.rooms.create({ name: room })
  await product.client.rooms.delete(room)
  const linesOf = ({ frames }: typeof ofRoom) => frames().map(({ event, data }) => `${event} ${data.roomId}`)
  await eventually(() => ofType.frames().length === 3)
  await eventually(() => ofRoom.frames().length === 2)
  await eventually(() => ofBoth.frames().length === 1)
  expect(linesOf(ofType)).toEqual([...others, room].map((name) => `room_closed ${name}`))
  expect(linesOf(ofRoom)).toEqual([`room_created ${room}`, `room_closed ${room}`])
  expect(linesOf(ofBoth)).toEqual([`room_closed ${room}`])
})

describe.concurrent('over time', { timeout: 90_000 }, () => {
  test('a quiet stream gives a sign of life within 15 s', async () => {
    using stream = await open(product.server, `?roomId=${uniqueName('quiet')}`)
    const openedAt = performance.now()
    await eventually(() => stream.blocks().includes(':'), { timeoutMs: 17_000 })
    // The promise, and a second for the way.
    expect(performance.now() - openedAt).toBeLessThan(16_000)
  })

  test('readers that take nothing are cut off within 45 s, hold little of the server, and miss nothing', async () => {
    await makeRooms(150, 'x'.repeat(60_000))
    const { pid, output } = product.server
    const memory = await residentMegabytes(pid)
    const stalled = await Promise.all(Array.from({ length: 30 }, () => openAndStall(product.server)))
    let most = 0
    await eventually(
      async () => {
        most = Math.max(most, (await residentMegabytes(pid)) - memory)
        return linesWith(output(), 'takes nothing', '"event stream ended"').length === stalled.length
      },
      { timeoutMs: 45_000, intervalMs: 200 },
    )
    // All that waits for the thirty is twice as much.
    expect(most).toBeLessThan(400)
    const ids = await Promise.all(stalled.map(idsBeforeTheEnd))
    const [some = []] = ids
    using rest = await open(product.server, '', { 'last-event-id': some.at(-1) ?? '' })
    const all = await Array.fromAsync(product.client.events.all())
    await eventually(() => some.length + rest.frames().length >= all.length)
    expect(some.length).toBeLessThan(all.length)
  })
})

test('one stream more than 200 is refused until another has ended', async () => {
  const streams = await Promise.all(Array.from({ length: 200 }, () => open(product.server)))
  expect(new Set(streams.map(({ status }) => status))).toEqual(new Set([200]))
  using refused = await open(product.server)
  expect(refused.status).toBe(429)
  expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0)
  for (const { close } of streams) close()
  await eventually(async () => {
    using again = await open(product.server)
    return again.status === 200
  })
})

test('the end of the server ends streams at once, and readers that take nothing do not hold it up', async () => {
  using stream = await open(product.server)
  expect(stream.status).toBe(200)
  const stalled = await openAndStall(product.server)
  const startedAt = performance.now()
  const stopping = product.server.stop()
  await stream.ended
  expect(performance.now() - startedAt).toBeLessThan(1000)
  expect(await stopping).toBe(0)
  // Waiting for connections would take six seconds.
  expect(performance.now() - startedAt).toBeLessThan(5000)
  stalled.destroy()
})

const linesWith = (output: string, ...parts: string[]) =>
  output.split('\n').filter((line) => parts.every((part) => line.includes(part)))

/** A reader whose buffers fill up, and who takes nothing out of them. */
async function openAndStall({ url, apiSecret }: RunningServer): Promise<Socket> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  socket.on('error', () => undefined)
  socket.write(
    `GET /v1/events?after=0 HTTP/1.1\r\nHost: x\r\nX-API-Key: ${apiSecret}\r\nAccept: text/event-stream\r\n\r\n`,
  )
  await once(socket, 'readable')
  return socket
}

/** Takes what is left in the buffers of a connection that was cut: the ids of the events that came whole. */
async function idsBeforeTheEnd(socket: Socket): Promise<string[]> {
  const text = Buffer.concat(await Array.fromAsync(socket.iterator()).catch(() => [])).toString()
  return [...text.matchAll(/^id: (\d+)\nevent/gm)].map(([, id]) => id ?? '')
}
