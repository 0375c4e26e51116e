import { mkdtemp, rm } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { type BlobStore, createDiskBlobStore } from '@rtcstack/blobs'
import type { Operation } from '@rtcstack/contract'
import { pino } from 'pino'
import { createAuthenticator } from '../http/auth.ts'
import { createRateLimiter } from '../http/rate-limit.ts'
import { createRefusalCounter } from '../http/refusals.ts'
import { createRouter, type RouterOptions } from '../http/router.ts'
import { createHttpServer } from '../http/server.ts'
import { problemOfBlobs } from './problem.ts'
import { registerBlobRoutes } from './routes.ts'
import { sendBlob } from './send.ts'

/** As an operation of the contract that answers with a file. */
const getFile = {
  id: 'getFile',
  method: 'GET',
  path: '/v1/file',
  tag: 'Files',
  summary: 'A file',
  security: 'apiKey',
  rateLimit: 'read',
  answers: {
    200: { description: 'All.', bytes: 'video/mp4' },
    206: { description: 'A range.', bytes: 'video/mp4' },
    304: { description: 'Known.' },
  },
  problems: ['not-found', 'range-not-satisfiable'],
} as const satisfies Operation

export const apiKey = 'the key of these tests'

interface ServeOptions {
  refusalsPerMinute?: number
  /** What the operation sends from, in place of the disk. */
  other?: BlobStore
}

/** Blobs on disk, served over real HTTP as links and as an operation for one key; `clock` is what links expire by. */
export async function serveBlobs(key: string, { refusalsPerMinute = 1000, other }: ServeOptions = {}) {
  const directory = await mkdtemp(join(tmpdir(), 'served-blobs-'))
  const store = createDiskBlobStore({ directory, signingKey: Buffer.alloc(32, 1) })
  await store.prepare()
  const clock = { now: new Date() }
  const app = await createHttpServer({
    config: { CORS_ORIGINS: [], TRUST_PROXY: [] },
    log: pino({ level: 'silent' }),
    draining: () => false,
    translate: problemOfBlobs,
  })
  const rateLimiter = createRateLimiter()
  const budget = { name: 'any', perMinute: 1000 }
  const countRefusal = createRefusalCounter(rateLimiter, { name: 'refused', perMinute: refusalsPerMinute })
  const open = new Set<Readable>()
  const watched = {
    ...store,
    read: async (...given: Parameters<typeof store.read>) => {
      const stream = await store.read(...given)
      open.add(stream)
      return stream.once('close', () => open.delete(stream))
    },
  }
  registerBlobRoutes(app, { store: watched, countRefusal, now: () => clock.now })
  const route = createRouter({
    app,
    authenticator: createAuthenticator({ apiKeys: [apiKey], verifyParticipant: () => Promise.reject() }),
    rateLimiter,
    countRefusal,
    budgets: { read: budget } as RouterOptions['budgets'],
    idempotency: undefined as unknown as RouterOptions['idempotency'],
    audit: { around: async (_operation: unknown, _call: unknown, run: () => unknown) => run() } as never,
  })
  route(getFile, async ({ request, reply }) =>
    sendBlob(request, reply, { store: other ?? watched, key, fileName: 'file.mp4' }),
  )
  await app.listen({ host: '127.0.0.1', port: 0 })
  const origin = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`
  return {
    store,
    origin,
    clock,
    /** Streams of content that are open now. */
    open,
    link: (linked = key, fileName = 'file.mp4') =>
      store.link(linked, { expiresInSeconds: 60, fileName, origin }),
    async close() {
      await app.close()
      await rm(directory, { recursive: true })
    },
  }
}
