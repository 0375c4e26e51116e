import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { eventually } from './eventually.ts'
import { type FaultProxy, startFaultProxy } from './fault-proxy.ts'

// The target says back what it is told.
const received: string[] = []
const target = createServer((socket) => {
  socket.on('data', (chunk) => received.push(chunk.toString()))
  socket.on('error', () => socket.destroy())
  socket.pipe(socket)
})
let proxy: FaultProxy
const clients: Socket[] = []

beforeEach(async () => {
  received.length = 0
  target.listen(0, '127.0.0.1')
  await once(target, 'listening')
  proxy = await startFaultProxy({ targetPort: (target.address() as { port: number }).port })
})

afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy()
  await proxy.close()
  await new Promise((resolve) => target.close(resolve))
})

async function open(): Promise<Socket> {
  const client = connect({ port: proxy.port, host: '127.0.0.1', noDelay: true })
  clients.push(client)
  await once(client, 'connect')
  return client
}

async function say(client: Socket, words: string): Promise<string> {
  client.write(words)
  let heard = ''
  while (heard.length < words.length) heard += (await once(client, 'data')).toString()
  return heard
}

it('passes bytes both ways, and the end of a connection', async () => {
  const client = await open()
  expect(await say(client, 'hello')).toBe('hello')
  expect(proxy.connections).toBe(1)
  client.end()
  await once(client, 'close')
  await eventually(() => proxy.connections === 0)
})

it('passes more than fits in its queue', async () => {
  const client = await open()
  const long = 'x'.repeat(5_000_000)
  expect(await say(client, long)).toBe(long)
})

it('delays every chunk, both ways and in order', async () => {
  const client = await open()
  await proxy.set({ latencyMs: 100 })
  const startedAt = performance.now()
  const late = say(client, 'late')
  await eventually(() => received.length === 1, { intervalMs: 5 })
  expect(performance.now() - startedAt).toBeGreaterThan(95)
  await proxy.set('pass')
  expect(await late).toBe('late')
})

it('swallows bytes while it is a black hole, and resets what lost bytes after', async () => {
  const [idle, talking] = [await open(), await open()]
  await Promise.all([say(idle, 'a'), say(talking, 'b')])
  await proxy.set('blackhole')
  const during = await open()
  const ends = [talking, during].map((socket) => once(socket, 'close').catch((error) => error.code))
  for (const socket of [talking, during]) socket.write('lost')
  await eventually(() => proxy.swallowedBytes === 8)
  expect(proxy.connections).toBe(3)
  await proxy.set('pass')
  expect(await Promise.all(ends)).toEqual(['ECONNRESET', 'ECONNRESET'])
  expect(await say(idle, 'c')).toBe('c')
  expect(received).toEqual(['a', 'b', 'c'])
})

it('cuts what is open with a reset and accepts what comes next', async () => {
  const before = await open()
  await say(before, 'hello')
  const closed = once(before, 'close').catch((error) => error.code)
  await proxy.set('cut')
  expect(await closed).toBe('ECONNRESET')
  expect(await say(await open(), 'again')).toBe('again')
})

it('refuses connections and listens on the same port again', async () => {
  const before = await open()
  const closed = once(before, 'close').catch((error) => error.code)
  await proxy.set('refuse')
  expect(await closed).toBe('ECONNRESET')
  await expect(open()).rejects.toThrow('ECONNREFUSED')
  await proxy.set('pass')
  expect(await say(await open(), 'again')).toBe('again')
})

it('refuses at whatever moment of the end of a connection', async () => {
  // The client hears something while the proxy is passing on that the target has ended.
  const ending = createServer(async (socket) => {
    socket.on('error', () => undefined).write('last words')
    for (let turn = 0; turn < turns; turn++) await nextTurn()
    socket.end()
  })
  let turns = 0
  ending.listen(0, '127.0.0.1')
  await once(ending, 'listening')
  await using short = await startFaultProxy({ targetPort: (ending.address() as { port: number }).port })
  for (; turns < 40; turns++) {
    const client = connect({ port: short.port, host: '127.0.0.1' }).on('error', () => undefined)
    clients.push(client)
    const refused = new Promise((resolve) => client.once('data', () => resolve(short.set('refuse'))))
    await refused
    expect(short.connections).toBe(0)
    await short.set('pass')
  }
  ending.close()
})

it('gives one byte at a time', async () => {
  const client = await open()
  await proxy.set('slice')
  expect(await say(client, 'sliced')).toBe('sliced')
  expect(received.length).toBeGreaterThan(1)
})

it('resets a client whose target is gone', async () => {
  await using lonely = await startFaultProxy({ targetPort: 1 })
  const client = connect(lonely.port, '127.0.0.1')
  await expect(once(client, 'close')).rejects.toThrow('ECONNRESET')
})
