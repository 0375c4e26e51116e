import { type Problem, type ProblemSlug, problemCatalogue, problemTypeBase } from '@rtcstack/contract'

/** What a problem adds to its kind. */
export interface ProblemExtras {
  errors?: { pointer: string; detail: string }[]
  bannedUntil?: string | null
  /** Seconds for the Retry-After header. */
  retryAfterSeconds?: number
  /** Nothing more is taken on the connection after this. */
  endsConnection?: true
  /** Other headers of the answer. */
  headers?: Record<string, string>
  /** For the log only. */
  cause?: unknown
}

/** Anything a request can be refused with; services throw it, one handler renders it. */
export class ProblemError extends Error {
  override name = 'ProblemError'
  readonly slug: ProblemSlug
  readonly status: number
  readonly extras: ProblemExtras

  constructor(slug: ProblemSlug, detail: string, extras: ProblemExtras = {}) {
    super(detail, { cause: extras.cause })
    this.slug = slug
    this.status = problemCatalogue[slug].status
    this.extras = extras
  }

  /** The body of the answer (RFC 9457). */
  toJSON(requestId: string): Problem {
    const { errors, bannedUntil } = this.extras
    return {
      type: `${problemTypeBase}${this.slug}`,
      title: problemCatalogue[this.slug].title,
      status: this.status,
      detail: this.message,
      requestId,
      ...(errors && { errors }),
      ...(bannedUntil !== undefined && { bannedUntil }),
    }
  }
}

/** The problems that features throw, in one place so that the same thing is always said the same way. */
export const problems = {
  badRequest: (detail: string, extras: ProblemExtras = {}) => new ProblemError('bad-request', detail, extras),
  invalid: (errors: { pointer: string; detail: string }[]) =>
    new ProblemError(
      'validation-failed',
      errors.map((error) => `${error.pointer} ${error.detail}`).join('; '),
      { errors },
    ),
  unauthorized: (detail: string) =>
    new ProblemError('unauthorized', detail, {
      headers: { 'www-authenticate': 'ApiKey realm="rtcstack", Bearer realm="rtcstack"' },
    }),
  forbidden: (detail: string) => new ProblemError('forbidden', detail),
  participantRemoved: () =>
    new ProblemError(
      'participant-banned',
      'The participant was removed from this room after the token was issued',
    ),
  participantBanned: (until: Date | null) =>
    new ProblemError(
      'participant-banned',
      until
        ? `The participant is banned from this room until ${until.toISOString()}`
        : 'The participant is banned from this room',
      { bannedUntil: until ? until.toISOString() : null },
    ),
  roomNotFound: () => new ProblemError('not-found', 'Room not found'),
  participantNotFound: () => new ProblemError('not-found', 'Participant not found'),
  trackNotFound: () => new ProblemError('not-found', 'Track not found'),
  recordingNotFound: () => new ProblemError('not-found', 'Recording not found'),
  recordingNotRunning: () => new ProblemError('not-found', 'No recording is running'),
  renderNotFound: () => new ProblemError('not-found', 'Render not found'),
  recorderCapacity: () =>
    new ProblemError('recorder-capacity', 'No recorder has room for another recording', {
      retryAfterSeconds: 5,
    }),
  ingressNotFound: () => new ProblemError('not-found', 'Ingress endpoint not found'),
  ingressUnavailable: (detail: string) =>
    new ProblemError('ingress-unavailable', detail, { retryAfterSeconds: 60 }),
  streamKeyRefused: () =>
    new ProblemError('unauthorized', 'There is no endpoint with this stream key', {
      headers: { 'www-authenticate': 'Bearer realm="rtcstack"' },
    }),
  publishingNotFound: () => new ProblemError('not-found', 'Nothing is published under this address'),
  sessionNotFound: () => new ProblemError('not-found', 'Session not found'),
  webhookNotFound: () => new ProblemError('not-found', 'Webhook not found'),
  fileNotFound: () => new ProblemError('not-found', 'This file is not here'),
  deliveryNotFound: () => new ProblemError('not-found', 'Delivery not found'),
  notACursor: () =>
    problems.invalid([{ pointer: '#/query/cursor', detail: 'must be the nextCursor of a page before' }]),
  conflict: (detail: string) => new ProblemError('conflict', detail),
  routeNotFound: () => new ProblemError('not-found', 'There is nothing at this address'),
  methodNotAllowed: (allowed: string[]) =>
    new ProblemError('method-not-allowed', `Use ${allowed.join(', ')} here`, {
      headers: { allow: allowed.join(', ') },
    }),
  rangeNotSatisfiable: (sizeBytes: number) =>
    new ProblemError('range-not-satisfiable', `The file has ${sizeBytes} bytes`, {
      headers: { 'content-range': `bytes */${sizeBytes}` },
    }),
  rateLimited: (group: string, retryAfterSeconds: number) =>
    new ProblemError('rate-limited', `The budget of "${group}" requests is used up`, { retryAfterSeconds }),
  idempotencyInProgress: () =>
    new ProblemError('idempotency-in-progress', 'A request with this Idempotency-Key is still running', {
      retryAfterSeconds: 1,
    }),
  idempotencyKeyReused: () =>
    new ProblemError('idempotency-key-reused', 'This Idempotency-Key was used for another request'),
  mediaServerUnavailable: (cause: unknown) =>
    new ProblemError('media-server-unavailable', 'LiveKit does not answer', { retryAfterSeconds: 2, cause }),
  mediaServerRefused: (cause: unknown) =>
    new ProblemError('media-server-refused', 'LiveKit refused this server', { cause }),
  databaseUnavailable: (cause: unknown) =>
    new ProblemError('database-unavailable', 'The database does not answer', { retryAfterSeconds: 2, cause }),
  storageUnavailable: (cause: unknown) =>
    new ProblemError('storage-unavailable', 'The store of recordings does not answer', {
      retryAfterSeconds: 15,
      cause,
    }),
  shuttingDown: () =>
    new ProblemError('shutting-down', 'This server is ending', {
      retryAfterSeconds: 5,
      endsConnection: true,
    }),
} as const

/** For what is wanted gone: that it is gone already is no failure. */
export function ignoreNotFound(error: unknown): void {
  if (!(error instanceof ProblemError) || error.slug !== 'not-found') throw error
}
