import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, stat } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { eventually, type RunningServer, startServer } from '@rtcstack/testkit'
import { afterEach, expect, test } from 'vitest'
import { clientOf, problemOf, uniqueName } from './product.ts'

let server: RunningServer | undefined

afterEach(async () => {
  await server?.stop()
  server = undefined
})

async function secondsOf(run: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now()
  await run()
  return (performance.now() - startedAt) / 1000
}

/** A creation whose answer is kept as a row, which a repeat shows. */
function createUnderKey({ url, apiSecret }: RunningServer, key: string): Promise<Response> {
  return fetch(`${url}/v1/rooms`, {
    method: 'POST',
    headers: { 'x-api-key': apiSecret, 'content-type': 'application/json', 'idempotency-key': key },
    body: JSON.stringify({ name: `room of ${key}` }),
  })
}

/** Writes a row; what comes back checks that it is there. */
async function keepARow(running: RunningServer): Promise<() => Promise<void>> {
  const key = uniqueName('key')
  const first = await createUnderKey(running, key)
  expect(first.status).toBe(201)
  const body = await first.text()
  return async () => {
    const again = await createUnderKey(running, key)
    expect(again.headers.get('idempotent-replayed')).toBe('true')
    expect(await again.text()).toBe(body)
  }
}

test('after kill -9 of the parent alone it is ready within ten seconds, rows are kept, and orphans are gone', async () => {
  server = await startServer()
  const rowsAreKept = await keepARow(server)
  const orphans = await server.childPids()
  expect(orphans.length).toBeGreaterThan(1)
  await server.kill()
  expect(await secondsOf(server.restart)).toBeLessThan(10)
  await rowsAreKept()
  const children = await server.childPids()
  expect(orphans.filter((pid) => children.includes(pid))).toEqual([])
})

test('after kill -9 of the whole tree it is ready within ten seconds, and rows are kept', async () => {
  server = await startServer()
  const rowsAreKept = await keepARow(server)
  const children = await server.childPids()
  await server.kill()
  for (const pid of children) if (isAlive(pid)) process.kill(pid, 'SIGKILL')
  expect(await secondsOf(server.restart)).toBeLessThan(10)
  await rowsAreKept()
})

test('a warm start takes at most five seconds, and the end leaves no child and exits with 0', async () => {
  server = await startServer()
  expect(await secondsOf(server.restart)).toBeLessThan(5)
  const children = await server.childPids()
  expect(await server.stop()).toBe(0)
  expect(children.filter(isAlive)).toEqual([])
})

test('a caller who is out of reach does not hold up the end', async () => {
  server = await startServer()
  const { token } = await clientOf(server).tokens.create({
    roomId: 'r',
    userId: 'u',
    name: 'n',
    role: 'host',
  })
  const socket = connect(Number(new URL(server.url).port), '127.0.0.1')
  socket.on('error', () => undefined)
  socket.write(
    `GET /rtc?access_token=${token}&protocol=15 HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`,
  )
  // From here on it reads nothing and answers nothing.
  await once(socket, 'readable')
  const running = server
  expect(await secondsOf(() => running.stop())).toBeLessThan(8)
  socket.destroy()
})

test('connections on which nothing was said do not hold up the end', async () => {
  server = await startServer()
  const sockets = Array.from({ length: 3 }, () =>
    connect(Number(new URL(server?.url ?? '').port), '127.0.0.1'),
  )
  for (const socket of sockets) socket.on('error', () => undefined)
  await Promise.all(sockets.map((socket) => once(socket, 'connect')))
  const running = server
  expect(await secondsOf(() => running.stop())).toBeLessThan(4)
  for (const socket of sockets) socket.destroy()
})

test('what is kept can be read by its owner only', async () => {
  server = await startServer({ env: { API_SECRET: '' } })
  for (const [name, mode] of [
    ['.', 0o700],
    ['api-secret', 0o600],
    ['livekit-secret', 0o600],
  ] as const)
    expect((await stat(join(server.dataDirectory, name))).mode & 0o777).toBe(mode)
})

test('a second server on the same folder is refused by name, and the first is unharmed', async () => {
  server = await startServer()
  const message = await startAndFail({ DATA_DIR: server.dataDirectory, PORT: '0' })
  expect(message).toContain('PORT')
  const refused = await startServer({ dataDirectory: server.dataDirectory }).catch(
    (error: Error) => error.message,
  )
  expect(refused).toContain('DATA_DIR')
  expect((await fetch(`${server.url}/readyz`)).status).toBe(200)
})

test('a port that is in use is told at once', async () => {
  server = await startServer()
  expect(await startAndFail({ PORT: new URL(server.url).port })).toContain('set PORT to another')
})

test('a public address with a short secret is refused', async () => {
  expect(await startAndFail({ HOST: '0.0.0.0', API_SECRET: 'short' })).toContain(
    'API_SECRET must have 32 characters',
  )
})

test.each(['livekit-server', 'postgres'])(
  '%s killed: told as a problem, and healed by itself within five seconds',
  async (name) => {
    server = await startServer()
    const { rooms } = clientOf(server)
    await rooms.create({ name: uniqueName('room') })
    const pid = await pidOf(server, name)
    process.kill(pid, 'SIGKILL')
    const answers = eventually(() => rooms.create({ name: uniqueName('room') }), { timeoutMs: 5000 })
    await answers
    expect(await pidOf(server, name)).not.toBe(pid)
  },
)

test('what was acknowledged while PostgreSQL was killed again and again is there', async () => {
  server = await startServer()
  const acknowledged = new Map<string, string>()
  for (let round = 0; round < 3; round++) {
    const until = acknowledged.size + 20
    const killed = pidOf(server, 'postgres').then((pid) => process.kill(pid, 'SIGKILL'))
    while (acknowledged.size < until) {
      const key = uniqueName('key')
      const answer = await createUnderKey(server, key).catch(() => undefined)
      if (answer?.status === 201) acknowledged.set(key, await answer.text())
      else expect(answer?.status ?? 503).toBe(503)
    }
    await killed
  }
  for (const [key, body] of acknowledged) {
    const again = await createUnderKey(server, key)
    expect(again.headers.get('idempotent-replayed')).toBe('true')
    expect(await again.text()).toBe(body)
  }
})

test('livekit-server held: its calls answer 503 within the deadline, the others work', async () => {
  server = await startServer()
  const { rooms, tokens, health } = clientOf(server)
  const pid = await pidOf(server, 'livekit-server')
  process.kill(pid, 'SIGSTOP')
  await eventually(async () => (await readFile(`/proc/${pid}/stat`, 'utf8')).includes(') T '))
  try {
    const seconds = await secondsOf(async () => {
      expect(await problemOf(rooms.list())).toMatchObject({ status: 503, slug: 'media-server-unavailable' })
    })
    expect(seconds).toBeLessThan(6)
    await tokens.create({ roomId: 'r', userId: 'u', name: 'n', role: 'host' })
    expect((await health.get()).status).toBe('ok')
    expect((await fetch(`${server.url}/readyz`)).status).toBe(503)
  } finally {
    process.kill(pid, 'SIGCONT')
  }
  await eventually(() => rooms.list(), { timeoutMs: 5000 })
})

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

/** Starts the product with settings it cannot run with; what it says. */
async function startAndFail(env: Record<string, string>): Promise<string> {
  const main = join(import.meta.dirname, '../apps/server/src/main.ts')
  const child = spawn(process.execPath, [main], { env: { PATH: process.env.PATH, ...env } })
  let said = ''
  child.stderr.on('data', (chunk: Buffer) => {
    said += chunk.toString()
  })
  const [code] = await once(child, 'close')
  expect(code).toBe(1)
  return said
}

async function pidOf(running: RunningServer, program: string): Promise<number> {
  for (const pid of await running.childPids()) {
    const [file = ''] = (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).split('\0')
    if (file.endsWith(`/${program}`)) return pid
  }
  throw new Error(`${program} is not among the children`)
}
