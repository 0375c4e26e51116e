import { spawn } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Caller, eventually, freeUdpPort, joinCall } from '@rtcstack/testkit'
import { AccessToken } from 'livekit-server-sdk'
import { pino } from 'pino'
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { findLiveKitServer } from './binary/find.ts'
import { type ManagedLiveKit, type ManagedLiveKitOptions, startManagedLiveKit } from './managed.ts'

const log = pino({ level: 'silent' })
let binary: string
let options: ManagedLiveKitOptions
const opened: { close(): Promise<void> }[] = []

beforeAll(async () => {
  binary = await findLiveKitServer({ log })
}, 600_000)
beforeEach(async () => {
  options = {
    binary,
    dataDirectory: await mkdtemp(join(tmpdir(), 'livekit-')),
    udpPort: await freeUdpPort(),
    publicHost: false,
    nodeIp: undefined,
    webhookUrl: 'http://127.0.0.1:1/',
    apiKey: 'managed',
    apiSecret: 'a secret of thirty-two characters',
    log,
  }
})
afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one.close()
  await rm(options.dataDirectory, { recursive: true })
})

async function start(): Promise<ManagedLiveKit> {
  const livekit = await startManagedLiveKit(options)
  opened.push(livekit)
  return livekit
}

async function joins(livekit: ManagedLiveKit, identity: string): Promise<Caller> {
  const token = new AccessToken(options.apiKey, options.apiSecret, { identity })
  token.addGrant({ roomJoin: true, room: 'r' })
  const caller = await joinCall({ url: livekit.url, token: await token.toJwt(), publish: { audio: 440 } })
  opened.push({ close: () => caller.leave() })
  return caller
}

const pidFile = () => join(options.dataDirectory, 'livekit', 'livekit.pid')
const readPid = async () => Number(await readFile(pidFile(), 'utf8'))

const answers = async (livekit: ManagedLiveKit) => (await (await fetch(livekit.url)).text()) === 'OK'

async function secondsOf(run: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now()
  await run()
  return (performance.now() - startedAt) / 1000
}

test('it answers when it has started, within two seconds, and only its owner can read its keys', async () => {
  expect(await secondsOf(start)).toBeLessThan(2)
  expect(await answers(opened[0] as ManagedLiveKit)).toBe(true)
  const config = join(options.dataDirectory, 'livekit', 'config.yaml')
  expect((await stat(config)).mode & 0o777).toBe(0o600)
})

test('killed, it answers at the same address within two seconds, and who was in a call hears the others again', async () => {
  const livekit = await start()
  await joins(livekit, 'alice')
  const bob = await joins(livekit, 'bob')
  await bob.hears('alice', { toneHz: 440 })
  const killed = await readPid()
  process.kill(killed, 'SIGKILL')
  const healed = async () => (await readPid()) !== killed && answers(livekit)
  expect(await secondsOf(() => eventually(healed, { intervalMs: 10 }))).toBeLessThan(2)
  await bob.hears('alice', { toneHz: 440 })
})

test('a call that goes on does not hold up its end', async () => {
  const livekit = await start()
  await joins(livekit, 'alice')
  expect(await secondsOf(() => livekit.close())).toBeLessThan(5)
  await expect(fetch(livekit.url)).rejects.toThrow('fetch failed')
})

test('started again it has the address of the last time', async () => {
  const first = await start()
  await first.close()
  expect((await start()).url).toBe(first.url)
})

test('what a killed server left is ended first, and its address and UDP port are used again', async () => {
  const orphaned = await startInAnotherProcess()
  const orphan = await readPid()
  orphaned.process.kill('SIGKILL')
  await once(orphaned.process, 'exit')
  expect((await start()).url).toBe(orphaned.url)
  expect(await readPid()).not.toBe(orphan)
})

test('a UDP port that another program holds is told with the setting that changes it', async () => {
  const socket = createSocket('udp4').bind(options.udpPort, '127.0.0.1')
  opened.push({ close: async () => void socket.close() })
  await once(socket, 'listening')
  await expect(start()).rejects.toThrow(new RegExp(`UDP port ${options.udpPort} .*LIVEKIT_UDP_PORT`))
})

/** Starts it as a server of its own would, which can be killed. */
async function startInAnotherProcess() {
  const { log: _, ...rest } = options
  const script = `
    import { pino } from 'pino'
    import { startManagedLiveKit } from ${JSON.stringify(join(import.meta.dirname, 'managed.ts'))}
    const options = JSON.parse(${JSON.stringify(JSON.stringify(rest))})
    const { url } = await startManagedLiveKit({ ...options, log: pino({ level: 'silent' }) })
    console.log(url)`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    cwd: import.meta.dirname,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  opened.push({ close: async () => void child.kill('SIGKILL') })
  const [line] = (await once(child.stdout, 'data')) as [Buffer]
  return { process: child, url: line.toString().trim() }
}
