import type { ProblemSlug } from '@rtcstack/contract'
import type { FastifyRequest } from 'fastify'
import { ProblemError, problems } from './problem.ts'
import type { Budget, RateLimiter } from './rate-limit.ts'

/** Runs a check of credentials; refusals draw on the client address's budget. */
export type CountRefusal = <T>(request: FastifyRequest, check: () => Promise<T>) => Promise<T>

/** Banned participants have right credentials. */
const refusals = new Set<ProblemSlug>(['unauthorized', 'forbidden'])

/**
 * Refused credentials have a small budget for each client address, beyond which the answer is "wait": a flood of them
 * shows as one, and a right key from the same address is never locked out by the wrong ones.
 */
export function createRefusalCounter(rateLimiter: RateLimiter, budget: Budget): CountRefusal {
  return async (request, check) => {
    try {
      return await check()
    } catch (error) {
      if (error instanceof ProblemError && refusals.has(error.slug)) {
        const allowance = rateLimiter.take(budget, request.ip)
        if (!allowance.allowed) throw problems.rateLimited(budget.name, allowance.retryAfterSeconds)
      }
      throw error
    }
  }
}
