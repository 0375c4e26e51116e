import { join } from 'node:path'
import {
  type RunningLiveKit,
  type RunningServer,
  startLiveKit,
  startS3Server,
  startServer,
} from '@rtcstack/testkit'
import { sharedSettings } from '../livekit-settings.ts'
import { type LentDatabase, lendDatabase } from '../managed-postgres.ts'

/** What several servers share: a database, a LiveKit, and an S3 server. */
export interface SharedStack {
  database: LentDatabase
  livekit: RunningLiveKit
  /** Folder of all that is stored. */
  bucket: string
  /** Starts one more server, which has the database by this address unless told. */
  start(databaseUrl?: string): Promise<RunningServer>
  [Symbol.asyncDispose](): Promise<void>
}

export async function startSharedStack(): Promise<SharedStack> {
  await using opened = new AsyncDisposableStack()
  const lender = opened.use(await startServer())
  const database = await lendDatabase(lender, ['shared'])
  opened.defer(database.close)
  const livekit = opened.use(await startLiveKit())
  const s3 = opened.use(await startS3Server())
  const env = {
    ...sharedSettings(livekit),
    MINIO_ENDPOINT: s3.endpoint,
    MINIO_ACCESS_KEY: s3.accessKey,
    MINIO_SECRET_KEY: s3.secretKey,
    RENDER_WIDTH: '640',
    RENDER_HEIGHT: '360',
    RENDER_FPS: '15',
    // One renderer for each server.
    RENDER_CONCURRENCY: '2',
  }
  const kept = opened.move()
  return {
    database,
    livekit,
    bucket: join(s3.directory, 'recordings'),
    start: async (databaseUrl = database.urlOf('shared')) =>
      kept.use(await startServer({ env: { ...env, DATABASE_URL: databaseUrl } })),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  }
}
