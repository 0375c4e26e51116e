import type { Operation } from '@rtcstack/contract'
import type { FastifyRequest } from 'fastify'
import type { Database } from '../database/database.ts'
import type { Caller } from '../http/auth.ts'
import { ProblemError } from '../http/problem.ts'

interface AuditedCall {
  caller: Caller
  params: { roomId?: string; participantId?: string }
  body: unknown
  request: FastifyRequest
}

/** Writes who changed what, for whom, from where and with which result. Rows are only ever added. */
export function createAudit(database: Database) {
  async function write(
    operation: Operation,
    { caller, params, body, request }: AuditedCall,
    result: number,
  ): Promise<void> {
    const named = (body as { name?: unknown } | undefined)?.name
    await database
      .insertInto('audit_log')
      .values({
        actor: caller.kind === 'application' ? `key:${caller.id}` : `participant:${caller.identity}`,
        action: operation.id,
        room: params.roomId ?? (operation.tag === 'Rooms' && typeof named === 'string' ? named : null),
        target: params.participantId ?? null,
        result,
        ip: request.ip,
        request_id: request.id,
      })
      .execute()
  }

  return {
    /** Runs a changing operation and writes its row before the answer is sent; reading and tokens change nothing. */
    async around<T extends { status: number }>(
      operation: Operation,
      call: AuditedCall,
      run: () => Promise<T>,
    ): Promise<T> {
      if (operation.rateLimit !== 'write') return run()
      try {
        const outcome = await run()
        await write(operation, call, outcome.status)
        return outcome
      } catch (error) {
        if (error instanceof ProblemError && error.status < 500) await write(operation, call, error.status)
        throw error
      }
    },
  }
}

export type Audit = ReturnType<typeof createAudit>
