import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { eventually } from '@rtcstack/testkit'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openAppendFile, SlowDiskError } from './append-file.ts'

let directory: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'append-'))
})
afterEach(() => rm(directory, { recursive: true }))

function openFile(path = join(directory, 'file'), flags: 'a' | 'ax' = 'a') {
  const failures: NodeJS.ErrnoException[] = []
  const file = openAppendFile({ path, flags, failed: (error) => failures.push(error) })
  return { file, failures, path }
}

test('what is appended is in the file in its order, behind what was there', async () => {
  await writeFile(join(directory, 'file'), 'before;')
  const { file, failures, path } = openFile()
  for (let index = 0; index < 1_000; index++) {
    file.append(Buffer.from(`${index};`))
    if (index % 7 === 0) file.flush()
  }
  expect(await file.close()).toBe(true)
  const expected = Array.from({ length: 1_000 }, (_, index) => `${index};`).join('')
  expect(await readFile(path, 'utf8')).toBe(`before;${expected}`)
  expect(failures).toEqual([])
})

test('flushed bytes reach the file without its being closed; nothing is taken after that', async () => {
  const { file, path } = openFile()
  file.append(Buffer.from('a'))
  file.flush()
  await eventually(async () => (await readFile(path, 'utf8')) === 'a')
  await file.close()
  file.append(Buffer.from('b'))
  file.flush()
  await file.close()
  expect(await readFile(path, 'utf8')).toBe('a')
})

test('a full disk is told once, by its code', async () => {
  const { file, failures } = openFile('/dev/full')
  file.append(Buffer.from('a'))
  file.flush()
  await eventually(() => failures.length > 0)
  file.append(Buffer.from('b'))
  file.flush()
  expect(await file.close()).toBe(false)
  expect(failures.map(({ code }) => code)).toEqual(['ENOSPC'])
})

test('a file that should be new and is not is told, and left as it is', async () => {
  await writeFile(join(directory, 'file'), 'other')
  const { file, failures, path } = openFile(undefined, 'ax')
  file.append(Buffer.from('a'))
  await file.close()
  expect(failures.map(({ code }) => code)).toEqual(['EEXIST'])
  expect(await readFile(path, 'utf8')).toBe('other')
})

test('no more than a bounded amount waits for a slow disk', async () => {
  const { file, failures, path } = openFile()
  const chunk = Buffer.alloc(2 ** 20)
  // Without a pause in between, nothing can be written.
  for (let times = 0; times < 40; times++) file.append(chunk)
  expect(failures).toEqual([expect.any(SlowDiskError)])
  await file.close()
  expect((await readFile(path)).length).toBeLessThanOrEqual(16 * 2 ** 20)
})
