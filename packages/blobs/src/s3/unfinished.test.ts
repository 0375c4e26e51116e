import { truncate } from 'node:fs/promises'
import { join } from 'node:path'
import { CreateMultipartUploadCommand, ListMultipartUploadsCommand } from '@aws-sdk/client-s3'
import { type S3Server, startS3Server } from '@rtcstack/testkit'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { BlobStore } from '../blob-store.ts'
import { temporaryFolder, writeRandomFile } from '../conformance/files.ts'
import { createS3BlobStore } from './store.ts'
import { clientOf, mebibyte, whereThereIsS3 } from './testing.ts'

const Bucket = 'recordings'
const partSizeBytes = 5 * mebibyte

describe.skipIf(!whereThereIsS3)('parts of an upload that does not end', () => {
  let server: S3Server
  let store: BlobStore
  let folder: Awaited<ReturnType<typeof temporaryFolder>>
  let original: string
  beforeAll(async () => {
    server = await startS3Server()
    store = createS3BlobStore({ ...server, bucket: Bucket }, { partSizeBytes })
    await store.prepare()
    folder = await temporaryFolder()
    original = join(folder.path, 'original')
  })
  afterAll(async () => {
    await server.stop()
    await folder[Symbol.asyncDispose]()
  })
  beforeEach(() => writeRandomFile(original, 10 * partSizeBytes))

  const unfinished = async (Prefix = '') => {
    const { Uploads = [] } = await clientOf(server).send(new ListMultipartUploadsCommand({ Bucket, Prefix }))
    return Uploads.map(({ Key }) => Key).sort()
  }
  /** Leaves an upload behind, as a process that is killed does. */
  const leave = (Key: string) => clientOf(server).send(new CreateMultipartUploadCommand({ Bucket, Key }))
  /** Puts the file, and does something as soon as some parts of it are there. */
  const putAnd = (deed: () => void, signal?: AbortSignal) => {
    const onProgress = (sentBytes: number) => {
      if (sentBytes >= 3 * partSizeBytes) deed()
    }
    return store.putFile('a.mp4', original, {
      contentType: 'video/mp4',
      onProgress,
      ...(signal && { signal }),
    })
  }

  test('are gone when the put is aborted', async () => {
    const giving = new AbortController()
    const reason = new Error('given up')
    await expect(putAnd(() => giving.abort(reason), giving.signal)).rejects.toBe(reason)
    expect(await unfinished('a.mp4')).toEqual([])
  })

  test('are gone when the file becomes shorter meanwhile, and so nothing is stored', async () => {
    await expect(putAnd(() => void truncate(original, partSizeBytes))).rejects.toThrow('became shorter')
    expect(await unfinished('a.mp4')).toEqual([])
    expect(await store.stat('a.mp4')).toBeUndefined()
  })

  test('go with the blob, and with all whose keys begin as its does', async () => {
    for (const key of ['1.mp4', '1.mp4', '1.mp4 2', '2.mp4', 'other/1.mp4']) await leave(`left/${key}`)
    await store.delete('left/1.mp4')
    expect(await unfinished('left/')).toEqual(['left/1.mp4 2', 'left/2.mp4', 'left/other/1.mp4'])
    expect(await store.deletePrefix('left/other/')).toBe(0)
    expect(await unfinished('left/')).toEqual(['left/1.mp4 2', 'left/2.mp4'])
    await store.deletePrefix('le')
    expect(await unfinished('left/')).toEqual([])
  })
})
