import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openDataDirectory, readOrCreateSecret } from './data-directory.ts'

let parent: string

beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'data-'))
})
afterEach(() => rm(parent, { recursive: true }))

const module = join(import.meta.dirname, 'data-directory.ts')

/** Another process that opens the folder, says how that went, and stays. */
async function opener(path: string) {
  const script = `const { openDataDirectory } = await import('${module}');
    console.log(await openDataDirectory('${path}').then(() => 'opened', (error) => error.message)); setInterval(() => {}, 1000)`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [said] = (await once(child.stdout, 'data')) as [Buffer]
  return { child, said: said.toString().trim() }
}

test('the folder is made for its owner only', async () => {
  const directory = await openDataDirectory(join(parent, 'a', 'b'))
  expect((await stat(directory.path)).mode & 0o777).toBe(0o700)
  await directory.close()
})

test('of many at once one opens the folder, also where a dead one left its lock; after kill -9 the next does', async () => {
  const path = join(parent, 'data')
  const directory = await openDataDirectory(path)
  await directory.close()
  await writeFile(join(path, 'server.pid'), '4194000\ngone\n')
  const openers = await Promise.all(Array.from({ length: 5 }, () => opener(path)))
  try {
    expect(openers.filter(({ said }) => said === 'opened')).toHaveLength(1)
    const winner = openers.find(({ said }) => said === 'opened')?.child
    for (const { said } of openers)
      if (said !== 'opened') expect(said).toContain(`(process ${winner?.pid}) uses`)
    winner?.kill('SIGKILL')
    await once(winner as never, 'exit')
    await (await openDataDirectory(path)).close()
  } finally {
    for (const { child } of openers) child.kill('SIGKILL')
  }
})

test('a lock whose pid another program has now is taken over', async () => {
  const path = join(parent, 'data')
  await (await openDataDirectory(path)).close()
  await writeFile(join(path, 'server.pid'), `${process.ppid}\nnode some-old-server.ts\n`)
  await (await openDataDirectory(path)).close()
})

test('a secret is made once, for its owner only, and kept', async () => {
  const secret = await readOrCreateSecret(parent, 'key')
  expect(Buffer.from(secret, 'base64url')).toHaveLength(32)
  expect(await readOrCreateSecret(parent, 'key')).toBe(secret)
  expect((await stat(join(parent, 'key'))).mode & 0o777).toBe(0o600)
  expect(await readFile(join(parent, 'key'), 'utf8')).toBe(`${secret}\n`)
})
