import { join } from 'node:path'
import { type BlobInfo, createDiskBlobStore } from '@rtcstack/blobs'
import { eventually } from '@rtcstack/testkit'
import { pino } from 'pino'
import { afterEach, expect, test } from 'vitest'
import { type BlobAvailability, watchBlobs } from './availability.ts'

let availability: BlobAvailability | undefined
afterEach(() => availability?.close())

/** A store that is as a test says: there, or away with a reason, or silent. */
function watch() {
  const state: { away: Error | undefined; silent: boolean } = { away: undefined, silent: false }
  const lines: string[] = []
  const answer = async () => {
    if (state.silent) await new Promise(() => undefined)
    if (state.away) throw state.away
  }
  const next = async (): Promise<IteratorResult<BlobInfo>> => {
    await answer()
    return { done: true, value: undefined }
  }
  const list = () => ({ [Symbol.asyncIterator]: () => ({ next }) })
  const start = () => {
    availability = watchBlobs({
      store: { name: 'the store', prepare: answer, list },
      describe: (error) => (error as Error).message,
      log: pino({}, { write: (line: string) => void lines.push(line) }),
      delayMs: () => 1,
    })
    return availability
  }
  return { state, lines, start }
}

test('a store that is away is tried until it is there, and each time the log says why', async () => {
  const { state, lines, start } = watch()
  state.away = new Error('wrong key')
  const { tried, ready, probe } = start()
  await tried
  await expect(probe()).rejects.toThrow('wrong key')
  await eventually(() => lines.filter((line) => line.includes('"reason":"wrong key"')).length >= 3)
  state.away = undefined
  await ready
  await probe()
})

test('a store that was there and goes away is told of, and comes back', async () => {
  const { state, start } = watch()
  const { ready, probe } = start()
  await ready
  state.away = new Error('gone')
  await expect(probe()).rejects.toThrow('gone')
  state.away = undefined
  await probe()
})

test('a store that hangs makes nobody wait: what was known last is told', async () => {
  const { state, start } = watch()
  const { ready, probe } = start()
  await ready
  state.silent = true
  const askedAt = performance.now()
  await probe()
  expect(performance.now() - askedAt).toBeLessThan(900)
})

test('closing ends the trying', async () => {
  const { state, start } = watch()
  state.away = new Error('away')
  const { tried, ready, close } = start()
  await tried
  close()
  await expect(ready).rejects.toThrow('the server ends')
})

test('a folder that cannot be made is told of', async () => {
  const directory = join(import.meta.filename, 'blobs')
  const store = createDiskBlobStore({ directory, signingKey: Buffer.alloc(32) })
  availability = watchBlobs({ store, describe: String, log: pino({ level: 'silent' }) })
  await availability.tried
  await expect(availability.probe()).rejects.toThrow('change the folder')
})
