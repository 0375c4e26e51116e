import type { Case } from './cases.ts'
import { unlikeDocument } from './conformance.ts'
import type { WireAnswer } from './exchange.ts'
import { unlikeProblem } from './problem-rules.ts'

/** Refusals from below the operations: any address can answer with them, so no operation documents them. */
const undocumented = new Set([404, 405, 408, 413, 414, 415, 431])

/** What is wrong with the answer to a case; undefined where the server did right. */
export function faultOf({ draft, fault }: Case, answer: WireAnswer): string | undefined {
  const { status, headers, body } = answer
  if (status >= 500 && !isWithoutRtmp(body)) return `answered with ${status}`
  if (fault !== undefined && status < 400) return `accepted with ${status}`
  if (fault === undefined && status === 400) return `refused with 400: ${body}`
  const problem = status >= 400 ? unlikeProblem(answer) : undefined
  if (problem) return problem
  if (undocumented.has(status) && !draft.operation.responses[status]) return undefined
  return unlikeDocument(draft.operation, {
    status,
    contentType: String(headers['content-type'] ?? ''),
    body,
  })
}

/** What every create of an endpoint of RTMP is answered where no server takes that: a fault of nobody. */
const isWithoutRtmp = (body: string) => body.includes('/errors/ingress-unavailable"')
