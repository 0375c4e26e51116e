import { join } from 'node:path'
import {
  type FaultProxy,
  type RunningServer,
  type S3Server,
  startFaultProxy,
  startS3Server,
  startServer,
} from '@rtcstack/testkit'

/** A server that keeps its recordings in an S3 server, and the way between them. */
export interface S3Stack {
  s3: S3Server
  way: FaultProxy
  server: RunningServer
  /** Folder of all that is stored. */
  bucket: string
  [Symbol.asyncDispose](): Promise<void>
}

export async function startS3Stack(): Promise<S3Stack> {
  await using opened = new AsyncDisposableStack()
  const s3 = opened.use(await startS3Server())
  const way = opened.use(await startFaultProxy({ targetPort: s3.port }))
  const server = opened.use(
    await startServer({
      env: {
        RENDER_WIDTH: '640',
        RENDER_HEIGHT: '360',
        RENDER_FPS: '15',
        MINIO_ENDPOINT: `http://127.0.0.1:${way.port}`,
        MINIO_ACCESS_KEY: s3.accessKey,
        MINIO_SECRET_KEY: s3.secretKey,
      },
    }),
  )
  const kept = opened.move()
  return {
    s3,
    way,
    server,
    bucket: join(s3.directory, 'recordings'),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  }
}
