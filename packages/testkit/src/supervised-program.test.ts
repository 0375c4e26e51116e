import { afterEach, expect, it } from 'vitest'
import { eventually } from './eventually.ts'
import { type Program, superviseProgram } from './supervised-program.ts'

// A parent that starts one child; "leaves" forgets it at SIGTERM, "ends" kills it first, "fails" never gets ready.
const source = `
  const { spawn } = require('node:child_process')
  if (process.argv[1] === 'fails') { console.error('no such setting'); process.exit(3) }
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e6)'])
  process.on('SIGTERM', () => {
    if (process.argv[1] === 'leaves') process.exit(0)
    child.on('exit', () => process.exit(7)).kill()
  })
  setInterval(() => {}, 1e6)
  console.log('up', process.pid)`

const programs: Program[] = []
afterEach(async () => {
  for (const program of programs.splice(0)) await program.stop().catch(() => undefined)
})

function supervise(behaviour: 'ends' | 'leaves' | 'fails'): Program {
  const program: Program = superviseProgram({
    command: [process.execPath, '-e', source, behaviour],
    env: {},
    ready: async () => program.output().includes(`up ${program.pid}`),
    readyTimeoutMs: 10_000,
  })
  programs.push(program)
  return program
}

const isAlive = (pid: number) => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

it('stops a program that takes its children along, and gives its exit code', async () => {
  const program = supervise('ends')
  await program.start()
  const [childPid = 0] = await program.childPids()
  expect(isAlive(childPid)).toBe(true)
  expect(await program.stop()).toBe(7)
  expect(isAlive(childPid)).toBe(false)
})

it('rejects when a process is left behind, and kills it', async () => {
  const program = supervise('leaves')
  await program.start()
  const [childPid] = await program.childPids()
  await expect(program.stop()).rejects.toThrow(`leaves left processes behind: ${childPid}`)
  await eventually(async () => (await program.childPids()).length === 0)
})

it('kills the program alone, still knows its orphan after a restart, and clears it away at the end', async () => {
  const program = supervise('ends')
  await program.start()
  const firstPid = program.pid
  const orphans = await program.childPids()
  await program.kill()
  expect(await program.childPids()).toEqual(orphans)
  await program.start()
  expect(program.pid).not.toBe(firstPid)
  expect(await program.childPids()).toHaveLength(2)
  await expect(program.stop()).rejects.toThrow(`left processes behind: ${orphans[0]}`)
  await eventually(async () => (await program.childPids()).length === 0)
})

it('says with which code and last words a program ended that should have started', async () => {
  await expect(supervise('fails').start()).rejects.toThrow(
    /did not start: it ended with 3\n.*no such setting/,
  )
})
