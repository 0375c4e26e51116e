import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import {
  eventually,
  hasS3Server,
  joinCall,
  probeMovie,
  type RunningServer,
  type S3Server,
  startS3Server,
  startServer,
} from '@rtcstack/testkit'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { clientOf, uniqueName } from '../product.ts'
import { openDownloads, untilRecorded, whenFinished } from './recorded.ts'

// A file is waited for, on two cores that other tests use too.
vi.setConfig({ testTimeout: 120_000 })

describe.skipIf(!hasS3Server())('recordings in an S3 store', () => {
  let s3: S3Server
  let server: RunningServer
  beforeAll(async () => {
    s3 = await startS3Server()
    server = await startServer({
      env: {
        RENDER_WIDTH: '320',
        RENDER_HEIGHT: '180',
        MINIO_ENDPOINT: s3.endpoint,
        // The same server, by the name that browsers have for it.
        MINIO_PUBLIC_ENDPOINT: `http://localhost:${s3.port}`,
        MINIO_BUCKET: 'calls',
        MINIO_ACCESS_KEY: s3.accessKey,
        MINIO_SECRET_KEY: s3.secretKey,
        MINIO_REGION: s3.region,
      },
    })
  })
  afterAll(async () => {
    await server?.stop()
    await s3?.stop()
  })

  /** What the store has of a recording. */
  async function objectsOf(id: string): Promise<string[]> {
    const entries = await readdir(join(s3.directory, 'calls'), { recursive: true, withFileTypes: true })
    return entries
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .filter((path) => path.includes(id))
  }

  test('the file is in the bucket, comes by a link of the public endpoint, and goes with all else of it', async () => {
    const client = clientOf(server)
    await using downloads = await openDownloads()
    const room = uniqueName('s3')
    await client.rooms.create({ name: room })
    const token = await client.tokens.create({ roomId: room, userId: 'ada', name: 'Ada', role: 'host' })
    await using _ada = await joinCall({
      ...token,
      publish: { video: 'red', audio: 440 },
      autoSubscribe: false,
    })
    const { egressId } = await client.recordings.start(room)
    await untilRecorded(client, egressId, 2_000)
    await client.recordings.stop(room)
    const ready = await whenFinished(client, egressId)
    expect(ready, server.output()).toMatchObject({ status: 'ready', bucket: 'calls', error: null })
    const paths = await objectsOf(egressId)
    for (const key of [ready.key, ...ready.tracks.flatMap(({ files }) => files.map((file) => file.key))])
      expect(paths).toContain(join(s3.directory, 'calls', String(key)))

    const { url } = await client.recordings.link(egressId)
    expect(new URL(url).origin).toBe(`http://localhost:${s3.port}`)
    const answer = await fetch(url)
    expect([answer.status, (await answer.arrayBuffer()).byteLength]).toEqual([200, ready.sizeBytes])
    const facts = await probeMovie(await downloads.save(client, egressId))
    expect(Math.abs(facts.durationMs - Number(ready.durationMs))).toBeLessThanOrEqual(100)

    await client.recordings.delete(egressId)
    await eventually(async () => expect(await objectsOf(egressId)).toEqual([]), { timeoutMs: 30_000 })
    expect((await fetch(url)).status).toBe(404)
  })
})
