// Runs where a small disk is mounted on the folder that is given: fills it, and prints what came of that.
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { createDiskBlobStore } from './store.ts'

const directory = process.argv[2] ?? ''
const store = createDiskBlobStore({ directory, signingKey: Buffer.alloc(32) })
const video = { contentType: 'video/mp4' }
const put = (key: string, sizeBytes: number) =>
  store.put(key, Buffer.alloc(sizeBytes), video).then(
    () => 'stored',
    (error: Error) => `${error.name}: ${error.message}`,
  )

await store.prepare()
await put('kept.mp4', 1_000_000)
const refused = await put('kept.mp4', 8_000_000)
const drafts = await readdir(join(directory, 'incoming'))
const keptBytes = (await store.stat('kept.mp4'))?.sizeBytes
const afterwards = await put('small.mp4', 1_000_000)
process.stdout.write(JSON.stringify({ refused, drafts, keptBytes, afterwards }))
