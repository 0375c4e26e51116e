import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ConfigError, readConfig } from './config.ts'
import { chooseBlobStore } from './drivers.ts'

let dataDirectory: string
beforeEach(async () => {
  dataDirectory = await mkdtemp(join(tmpdir(), 'drivers-'))
})
afterEach(() => rm(dataDirectory, { recursive: true }))

const choose = (env: Record<string, string> = {}) =>
  chooseBlobStore({
    config: readConfig(env),
    dataDirectory,
    log: pino({ level: 'silent' }),
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

test('an address that no store can have stops the start, by the name of its setting', async () => {
  const keys = { MINIO_ACCESS_KEY: 'k', MINIO_SECRET_KEY: 's' }
  const chosen = choose({ ...keys, MINIO_ENDPOINT: 'https://user:word@s3.example.com' })
  await expect(chosen).rejects.toThrow(ConfigError)
  await expect(chosen).rejects.toThrow('MINIO_ENDPOINT has to be a URL')
})
