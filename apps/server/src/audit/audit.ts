import type { Operation } from '@rtcstack/contract'
import type { FastifyRequest } from 'fastify'
import type { Database } from '../database/database.ts'
import type { Caller } from '../http/auth.ts'
import { ProblemError } from '../http/problem.ts'

interface AuditedCall {
  caller: Caller
  params: {
    roomId?: string
    participantId?: string
    webhookId?: string
    deliveryId?: string
    recordingId?: string
    ingressId?: string
  }
  body: unknown
  request: FastifyRequest
}

/** Writes who changed what, for whom, from where and with which result (null: it began). Rows are only ever added. */
export function createAudit(database: Database) {
  async function write(
    operation: Operation,
    { caller, params, body, request }: AuditedCall,
    result: number | null,
  ): Promise<void> {
    const named = (body as { name?: unknown } | undefined)?.name
    await database
      .insertInto('audit_log')
      .values({
        actor: caller.kind === 'application' ? `key:${caller.id}` : `participant:${caller.identity}`,
        action: operation.id,
        room: params.roomId ?? (operation.tag === 'Rooms' && typeof named === 'string' ? named : null),
        target:
          params.participantId ??
          params.webhookId ??
          params.deliveryId ??
          params.recordingId ??
          params.ingressId ??
          null,
        result,
        ip: request.ip,
        request_id: request.id,
      })
      .execute()
  }

  return {
    /** Writes what the server itself has done to something, such as removing it when it was too old. */
    async note(action: string, about: { room: string; target: string }): Promise<void> {
      await database
        .insertInto('audit_log')
        .values({ actor: 'server', action, ...about, result: null, ip: '', request_id: '' })
        .execute()
    },

    /**
     * Runs a changing operation between two rows: that it began, without which it is not run, and its result. Reading
     * and tokens change nothing.
     */
    async around<T extends { status: number }>(
      operation: Operation,
      call: AuditedCall,
      run: () => Promise<T>,
    ): Promise<T> {
      if (operation.rateLimit !== 'write') return run()
      await write(operation, call, null)
      // The change is made by now, or not: an answer that says so is worth more than the second row.
      const conclude = (status: number) =>
        write(operation, call, status).catch((error) =>
          call.request.log.error({ err: error }, 'no audit row of a result'),
        )
      try {
        const outcome = await run()
        await conclude(outcome.status)
        return outcome
      } catch (error) {
        await conclude(error instanceof ProblemError ? error.status : 500)
        throw error
      }
    },
  }
}

export type Audit = ReturnType<typeof createAudit>
