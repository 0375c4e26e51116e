import type { ProblemSlug } from '@rtcstack/contract'
import type { FastifyRequest } from 'fastify'
import { ProblemError, problems } from './problem.ts'
import type { Budget, RateLimiter } from './rate-limit.ts'

/** Runs a check of credentials; refusals, which are `unauthorized` unless told, draw on the client address's budget. */
export type CountRefusal = <T>(
  request: FastifyRequest,
  check: () => Promise<T>,
  refusal?: ProblemSlug,
) => Promise<T>

/**
 * Refused credentials have a small budget for each client address, beyond which the answer is "wait": a flood of them
 * shows as one, and a right key from the same address is never locked out by the wrong ones.
 */
export function createRefusalCounter(rateLimiter: RateLimiter, budget: Budget): CountRefusal {
  return async (request, check, refusal = 'unauthorized') => {
    try {
      return await check()
    } catch (error) {
      if (error instanceof ProblemError && error.slug === refusal) {
        const allowance = rateLimiter.take(budget, request.ip)
        if (!allowance.allowed) throw problems.rateLimited(budget.name, allowance.retryAfterSeconds)
      }
      throw error
    }
  }
}
