import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto'
import type { Operation } from '@rtcstack/contract'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Caller } from './auth.ts'
import { ProblemError, problems } from './problem.ts'

/** An answer as it is kept: sealed, since tokens and secrets are among them. */
export interface KeptAnswer {
  status: number
  sealed: Buffer
}

/** What the store finds under a key. */
export type Claim =
  | { state: 'new' }
  | { state: 'running' }
  | { state: 'other-request' }
  | { state: 'answered'; answer: KeptAnswer }

/** Where keys are kept for 24 hours. `claim` is atomic: of many at once, one gets `new`. */
export interface IdempotencyStore {
  claim(scope: string, key: string, fingerprint: Buffer): Promise<Claim>
  complete(scope: string, key: string, answer: KeptAnswer): Promise<void>
  release(scope: string, key: string): Promise<void>
}

interface Outcome {
  status: number
  body: unknown
}

type IdentifiedCall = { caller: Caller; body: unknown; request: FastifyRequest }

/** Makes repeats of a POST with the same Idempotency-Key get the first answer. */
export function createIdempotency(store: IdempotencyStore) {
  return {
    /** Runs the request, or answers as the first of its key was answered. */
    async around(
      operation: Operation,
      call: IdentifiedCall,
      reply: FastifyReply,
      run: () => Promise<Outcome>,
    ): Promise<Outcome> {
      const key = readKey(call.request)
      if (key === undefined) return run()
      const scope = `${call.caller.kind} ${call.caller.id}`
      const claim = await store.claim(scope, key, fingerprint(operation, call))
      switch (claim.state) {
        case 'running':
          throw problems.idempotencyInProgress()
        case 'other-request':
          throw problems.idempotencyKeyReused()
        case 'answered':
          return replay(unseal(claim.answer.sealed, call.caller, key), claim.answer.status, reply)
        case 'new':
          return runFirst({ store, scope, key, call, run })
      }
    },
  }
}

export type Idempotency = ReturnType<typeof createIdempotency>

function readKey(request: FastifyRequest): string | undefined {
  const key = request.headers['idempotency-key']
  if (key === undefined) return undefined
  if (typeof key !== 'string' || !/^[\x21-\x7e]{1,255}$/.test(key))
    throw problems.badRequest('The Idempotency-Key header must be 1 to 255 visible ASCII characters')
  return key
}

function fingerprint(operation: Operation, call: IdentifiedCall): Buffer {
  const request = JSON.stringify([operation.id, call.request.params, call.request.query, call.body])
  return createHash('sha256').update(request).digest()
}

interface FirstRun {
  store: IdempotencyStore
  scope: string
  key: string
  call: IdentifiedCall
  run: () => Promise<Outcome>
}

/**
 * Answers below 500 are kept; after a fault of ours the key is free again. Where keeping the answer fails, the key stays
 * taken until its time is over, since the request has been carried out.
 */
async function runFirst({ store, scope, key, call, run }: FirstRun): Promise<Outcome> {
  const keep = (status: number, body: unknown) =>
    store.complete(scope, key, { status, sealed: seal(body, call.caller, key) })
  let outcome: Outcome
  try {
    outcome = await run()
  } catch (error) {
    if (error instanceof ProblemError && error.status < 500)
      await keep(error.status, error.toJSON(call.request.id))
    else await store.release(scope, key).catch(() => undefined)
    throw error
  }
  await keep(outcome.status, outcome.body)
  return outcome
}

function replay(body: unknown, status: number, reply: FastifyReply): Outcome {
  reply.header('idempotent-replayed', 'true')
  if (status >= 400) reply.type('application/problem+json').serializer(JSON.stringify)
  return { status, body }
}

/** Only who sends the same key again can open the answer: it is sealed with what the caller alone holds. */
const sealingKey = (caller: Caller, key: string) =>
  Buffer.from(
    hkdfSync(
      'sha256',
      caller.kind === 'application' ? caller.key : caller.id,
      key,
      'rtcstack idempotency',
      32,
    ),
  )

function seal(body: unknown, caller: Caller, key: string): Buffer {
  const nonce = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', sealingKey(caller, key), nonce)
  const text = Buffer.concat([cipher.update(JSON.stringify(body ?? null)), cipher.final()])
  return Buffer.concat([nonce, cipher.getAuthTag(), text])
}

function unseal(sealed: Buffer, caller: Caller, key: string): unknown {
  const decipher = createDecipheriv('aes-256-gcm', sealingKey(caller, key), sealed.subarray(0, 12))
  decipher.setAuthTag(sealed.subarray(12, 28))
  const body: unknown = JSON.parse(
    Buffer.concat([decipher.update(sealed.subarray(28)), decipher.final()]).toString(),
  )
  return body ?? undefined
}
