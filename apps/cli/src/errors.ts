import { ProblemError } from '@rtcstack/sdk'

/** One line that says what went wrong, and under which id the server logged it; a line more for each value that is wrong. */
export function describeError(error: unknown): string {
  if (error instanceof ProblemError) {
    const advice = error.status === 401 ? ' Set API_SECRET or --api-key to the key of this server.' : ''
    const values = error.errors.map(({ pointer, detail }) => `\n  ${pointer} ${detail}`)
    return `${error.detail} (${error.status}, request ${error.requestId}).${advice}${values.join('')}`
  }
  return error instanceof Error ? error.message : String(error)
}
