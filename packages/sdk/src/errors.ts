import type { Problem, ProblemSlug } from '@rtcstack/contract'
import { problemTypeBase } from '@rtcstack/contract'

/** The API refused a request: its problem document (RFC 9457), typed. Switch on `slug`. */
export class ProblemError extends Error {
  override name = 'ProblemError'
  readonly type: string
  /** Last part of `type`, such as `not-found`. */
  readonly slug: ProblemSlug | (string & {})
  readonly status: number
  readonly title: string
  readonly detail: string
  /** The request in the server's log. */
  readonly requestId: string
  /** For `validation-failed`: each value that breaks a rule. */
  readonly errors: { pointer: string; detail: string }[]
  /** For a ban: when it ends, null for never. */
  readonly bannedUntil: string | null | undefined
  /** Milliseconds to wait before trying again, where the server says so. */
  readonly retryAfterMs: number | undefined

  constructor(problem: Problem, retryAfterMs?: number) {
    super(`${problem.detail} (${problem.status} ${problem.title})`)
    this.type = problem.type
    this.slug = problem.type.startsWith(problemTypeBase)
      ? problem.type.slice(problemTypeBase.length)
      : problem.type
    this.status = problem.status
    this.title = problem.title
    this.detail = problem.detail
    this.requestId = problem.requestId
    this.errors = problem.errors ?? []
    this.bannedUntil = problem.bannedUntil
    this.retryAfterMs = retryAfterMs
  }
}

/** The server could not be reached, or the connection broke before the answer. */
export class ConnectionError extends Error {
  override name = 'ConnectionError'
}

/** The server did not answer within `timeoutMs`. */
export class TimeoutError extends Error {
  override name = 'TimeoutError'
}

/** A webhook's delivery is not one of your server, or not as it was sent. Answer it with 400. */
export class WebhookVerificationError extends Error {
  override name = 'WebhookVerificationError'
}

/** Something answered that is not this API, such as a proxy in between. */
export class UnexpectedAnswerError extends Error {
  override name = 'UnexpectedAnswerError'
  readonly status: number

  constructor(status: number, contentType: string | null) {
    super(
      `The answer (${status}, ${contentType ?? 'no media type'}) is not one of the RTCstack API: check the url`,
    )
    this.status = status
  }
}
