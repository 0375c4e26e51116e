import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { eventually } from '@rtcstack/testkit'
import { pino } from 'pino'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { isAlive } from './orphan.ts'
import { type SupervisedProcess, type SuperviseOptions, supervise } from './supervise.ts'

let directory: string
const opened: SupervisedProcess[] = []

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'supervise-'))
})
afterEach(async () => {
  await Promise.all(opened.splice(0).map((one) => one.close()))
  await rm(directory, { recursive: true })
})

/** A child that writes `ready` when it has started, and ends as `script` says. */
function options(script: string, changes: Partial<SuperviseOptions> = {}): SuperviseOptions {
  const readyFile = join(directory, 'ready')
  return {
    name: 'child',
    command: async () => {
      await rm(readyFile, { force: true })
      const text = `require('fs').writeFileSync('${readyFile}', ''); setInterval(() => {}, 1000); ${script}`
      return { file: process.execPath, args: ['-e', text] }
    },
    pidFile: join(directory, 'child.pid'),
    marker: readyFile,
    ready: async (signal) => {
      await eventually(async () => signal.aborted || (await readFile(readyFile).then(() => true)), {
        intervalMs: 10,
      })
    },
    readyTimeoutMs: 5000,
    stopSignal: 'SIGTERM',
    stopTimeoutMs: 500,
    log: pino({ level: 'silent' }),
    ...changes,
  }
}

async function start(script: string, changes?: Partial<SuperviseOptions>): Promise<SupervisedProcess> {
  const child = await supervise(options(script, changes))
  opened.push(child)
  return child
}

test('a child that is killed starts again', async () => {
  const child = await start('')
  const first = child.pid as number
  process.kill(first, 'SIGKILL')
  await eventually(() => child.pid !== first && child.running)
  expect(isAlive(child.pid as number)).toBe(true)
  expect(await readFile(join(directory, 'child.pid'), 'utf8')).toBe(`${child.pid}\n`)
})

test('close ends the child, and it stays ended', async () => {
  const child = await start('')
  await Promise.all([child.close(), child.close()])
  expect(isAlive(child.pid as number)).toBe(false)
  expect(child.running).toBe(false)
})

test('a child that ignores the stop signal is killed, with what it started', async () => {
  const grandchild = join(directory, 'grandchild')
  const child = await start(
    `process.on('SIGTERM', () => {}); require('fs').writeFileSync('${grandchild}', String(require('child_process').spawn('sleep', ['60']).pid))`,
  )
  const pid = Number(await eventually(async () => (await readFile(grandchild, 'utf8')) || false))
  await child.close()
  await eventually(() => !isAlive(child.pid as number))
  await eventually(async () => !(await commandOf(pid)).includes('sleep'))
})

test('a child that ends at its start is told with its last lines', async () => {
  const ending = start('console.error("no space left"); process.exit(3)', {
    ready: () => new Promise(() => {}),
  })
  await expect(ending).rejects.toThrow('no space left')
})

test('a child that is never ready is given up and ended', async () => {
  const never = start('', { ready: () => new Promise(() => {}), readyTimeoutMs: 300 })
  await expect(never).rejects.toThrow('not ready after 300 ms')
  expect(isAlive(Number(await readFile(join(directory, 'child.pid'), 'utf8')))).toBe(false)
})

test('a program that is not there is told', async () => {
  await expect(start('', { command: () => ({ file: '/nowhere/program', args: [] }) })).rejects.toThrow(
    'ENOENT',
  )
})

test('an orphan of a killed parent is ended before the start; a stranger with its pid is not', async () => {
  const orphan = spawn(
    process.execPath,
    ['-e', `'${join(directory, 'ready')}'; setInterval(() => {}, 1000)`],
    { detached: true },
  )
  const stranger = spawn('sleep', ['60'])
  try {
    await once(orphan, 'spawn')
    await eventually(async () => (await commandOf(orphan.pid as number)).includes(directory))
    await writeFile(join(directory, 'child.pid'), `${orphan.pid}\n`)
    await (await start('')).close()
    await eventually(() => orphan.signalCode !== null)
    await writeFile(join(directory, 'child.pid'), `${stranger.pid}\n`)
    await start('')
    expect(isAlive(stranger.pid as number)).toBe(true)
  } finally {
    stranger.kill()
    orphan.kill()
  }
})

const commandOf = (pid: number) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
