import { type Problem, type ProblemSlug, problemCatalogue, problemTypeBase } from '@rtcstack/contract'

interface Answered {
  status: number
  headers: Record<string, string | string[] | undefined>
  body: string
}

/** What is wrong with an error answer as a problem (RFC 9457); undefined where nothing is. */
export function unlikeProblem({ status, headers, body }: Answered): string | undefined {
  if (headers['content-type'] !== 'application/problem+json')
    return `the media type of an error is ${headers['content-type']}`
  const problem = JSON.parse(body) as Problem
  const slug = problem.type.startsWith(problemTypeBase) && problem.type.slice(problemTypeBase.length)
  const kind = slug && problemCatalogue[slug as ProblemSlug]
  if (!kind) return `the type ${problem.type} is not in the catalogue`
  if (problem.status !== status || kind.status !== status)
    return `status is ${problem.status} in the body, ${kind.status} in the catalogue and ${status} on the wire`
  if (problem.title !== kind.title) return `the title is ${problem.title}`
  if (typeof problem.detail !== 'string' || problem.detail === '') return 'there is no detail'
  // A repeat of an answer, by its Idempotency-Key, names the first request.
  if (problem.requestId !== headers['x-request-id'] && headers['idempotent-replayed'] !== 'true')
    return `requestId is ${problem.requestId} and X-Request-Id ${headers['x-request-id']}`
  return undefined
}

/** The slug of an answer that is a problem. */
export const slugOf = ({ body }: Pick<Answered, 'body'>) =>
  (JSON.parse(body) as Problem).type.slice(problemTypeBase.length)
