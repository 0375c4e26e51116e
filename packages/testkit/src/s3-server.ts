import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { findProgram } from './find-program.ts'
import { freeTcpPort } from './ports.ts'
import { superviseProgram } from './supervised-program.ts'

const program = 'versitygw'
const region = 'us-east-1'

export interface S3Keys {
  accessKey: string
  secretKey: string
}

/** A real S3 server on loopback, with a folder and keys of its own. */
export interface S3Server extends S3Keys {
  /** `http://127.0.0.1:<port>`; the same after a restart. */
  readonly endpoint: string
  readonly port: number
  readonly region: string
  /** Folder that has a folder for each bucket. */
  readonly directory: string
  /** What it printed, restarts included: a line for each request, with its method, path, query and status. */
  output(): string
  /** Keys of somebody else: what is in other people's buckets is not for them. */
  addUser(): Promise<S3Keys>
  /** SIGKILL, as a crash would. */
  kill(): Promise<void>
  /** Stops it unless it was killed, and starts it again on the same port with the same data. */
  restart(): Promise<void>
  /** Stops it, and removes its folder. */
  stop(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

export interface S3ServerOptions {
  /** Folder for what it stores; a fresh one that is removed in the end unless given. */
  directory?: string
}

/** Whether there is a program to start; `npm test` puts one on the PATH where there is Go. */
export const hasS3Server = (): boolean => findProgram(program) !== undefined

/** Starts a server, and resolves when it answers. */
export async function startS3Server(options: S3ServerOptions = {}): Promise<S3Server> {
  const binary = findProgram(program)
  if (!binary) throw new Error(`${program} is not on the PATH: npm test makes it where there is Go`)
  const home = await mkdtemp(join(tmpdir(), 'rtcstack-s3-'))
  const directory = options.directory ?? join(home, 'buckets')
  const [users, metadata] = [join(home, 'users'), join(home, 'metadata')]
  for (const folder of [directory, users, metadata]) await mkdir(folder, { recursive: true })
  const port = await freeTcpPort()
  const endpoint = `http://127.0.0.1:${port}`
  const keys = newKeys()
  const server = superviseProgram({
    // Metadata beside the files, as not every file system has extended attributes.
    command: [
      binary,
      ...['--port', `127.0.0.1:${port}`, '--region', region, '--health', '/healthz', '--iam-dir', users],
      ...['posix', '--sidecar', metadata, directory],
    ],
    env: { ROOT_ACCESS_KEY_ID: keys.accessKey, ROOT_SECRET_ACCESS_KEY: keys.secretKey },
    ready: async () => (await fetch(`${endpoint}/healthz`)).ok,
    readyTimeoutMs: 20_000,
  })
  let stopped: Promise<void> | undefined
  const stop = () => {
    stopped ??= server
      .stop()
      .then(() => undefined)
      .finally(() => rm(home, { recursive: true, force: true }))
    return stopped
  }
  await server.start().catch(async (error) => {
    await rm(home, { recursive: true, force: true })
    throw error
  })
  return {
    ...keys,
    endpoint,
    port,
    region,
    directory,
    output: server.output,
    addUser: async () => {
      const user = newKeys()
      await promisify(execFile)(binary, [
        ...['admin', '--endpoint-url', endpoint, '--region', region],
        ...['--access', keys.accessKey, '--secret', keys.secretKey],
        ...['create-user', '--access', user.accessKey, '--secret', user.secretKey, '--role', 'userplus'],
      ])
      return user
    },
    kill: server.kill,
    restart: async () => {
      if (server.running) await server.stop()
      await server.start()
    },
    stop,
    [Symbol.asyncDispose]: stop,
  }
}

const newKeys = (): S3Keys => ({
  accessKey: randomBytes(10).toString('hex'),
  secretKey: randomBytes(20).toString('hex'),
})
