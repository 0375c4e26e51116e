import { ProblemError } from '@rtcstack/sdk'

/** One line that says what went wrong, and under which id the server logged it. */
export function describeError(error: unknown): string {
  if (error instanceof ProblemError) {
    const advice = error.status === 401 ? ' Set API_SECRET or --api-key to the key of this server.' : ''
    return `${error.detail} (${error.status}, request ${error.requestId}).${advice}`
  }
  return error instanceof Error ? error.message : String(error)
}
