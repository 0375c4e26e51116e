import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readConfig } from './config.ts'
import { chooseBlobStore } from './drivers.ts'
import { ConfigError } from './setting-kinds.ts'

let dataDirectory: string
let lines: string[]
beforeEach(async () => {
  lines = []
  dataDirectory = await mkdtemp(join(tmpdir(), 'drivers-'))
})
afterEach(() => rm(dataDirectory, { recursive: true }))

const choose = (env: Record<string, string> = {}) =>
  chooseBlobStore({
    config: readConfig(env),
    dataDirectory,
    log: pino({ level: 'warn' }, { write: (line: string) => lines.push(line) }),
    signal: new AbortController().signal,
  })

test('links to blobs on disk still open after a restart', async () => {
  const before = await choose()
  const link = await before.store.link('a.mp4', {
    expiresInSeconds: 60,
    fileName: 'a.mp4',
    origin: 'http://x',
  })
  await before.close()
  const after = await choose()
  expect(after.disk?.openLink(link, new Date())).toEqual({ key: 'a.mp4', fileName: 'a.mp4' })
  await after.close()
})

test('a store on disk takes blobs as soon as it is chosen', async () => {
  const { store, close } = await choose()
  await store.put('a.mp4', 'content', { contentType: 'video/mp4' })
  expect(await store.stat('a.mp4')).toMatchObject({ sizeBytes: 7 })
  await close()
})

test('a store on disk beside a database of several servers is warned of, and no other', async () => {
  const database = { DATABASE_URL: 'postgres://127.0.0.1/calls' }
  const s3 = { MINIO_ENDPOINT: 'http://127.0.0.1:1', MINIO_ACCESS_KEY: 'k', MINIO_SECRET_KEY: 's' }
  const warns = () => lines.some((line) => line.includes('several servers on one database'))
  const results = []
  for (const env of [{}, { ...database, ...s3 }, database]) {
    const { close } = await choose(env)
    results.push(warns())
    await close()
  }
  expect(results).toEqual([false, false, true])
})

test('an address that no store can have stops the start, by the name of its setting', async () => {
  const keys = { MINIO_ACCESS_KEY: 'k', MINIO_SECRET_KEY: 's' }
  const chosen = choose({ ...keys, MINIO_ENDPOINT: 'https://user:word@s3.example.com' })
  await expect(chosen).rejects.toThrow(ConfigError)
  await expect(chosen).rejects.toThrow('MINIO_ENDPOINT has to be a URL')
})
