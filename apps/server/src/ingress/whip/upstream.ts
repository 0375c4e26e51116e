import { ProblemError, problems } from '../../http/problem.ts'

const deadlineMs = 5_000

interface Asked {
  method: 'POST' | 'PATCH' | 'DELETE'
  /** PA_… of the participant; none while it is made. */
  participantSid?: string
  token: string
  contentType?: string
  ifMatch?: string
  body?: string
}

/** What LiveKit made of it. */
export interface Told {
  status: number
  body: string
  location: string
  /** Of the ICE session, without quotes, as LiveKit has it. */
  iceSession: string | undefined
  /** ICE servers (RFC 9725, 4.6). */
  links: string | undefined
}

export type AskWhip = (asked: Asked) => Promise<Told>

/** LiveKit's own WHIP, which takes a token of a participant; throws problems only. */
export function createWhipUpstream(url: string): AskWhip {
  const base = `${url.replace(/^ws/, 'http')}/whip/v1`
  return async ({ method, participantSid, token, contentType, ifMatch, body }) => {
    const answer = await fetch(participantSid ? `${base}/${participantSid}` : base, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(contentType !== undefined && { 'content-type': contentType }),
        ...(ifMatch !== undefined && { 'if-match': ifMatch }),
      },
      ...(body !== undefined && { body }),
      signal: AbortSignal.timeout(deadlineMs),
      redirect: 'error',
    }).catch((error) => {
      throw problems.mediaServerUnavailable(error)
    })
    const text = await answer.text().catch((error) => {
      throw problems.mediaServerUnavailable(error)
    })
    if (!answer.ok) throw refusalOf(answer.status, method)
    return {
      status: answer.status,
      body: text,
      location: answer.headers.get('location') ?? '',
      iceSession: answer.headers.get('etag') ?? undefined,
      links: answer.headers.get('link') ?? undefined,
    }
  }
}

function refusalOf(status: number, method: Asked['method']): ProblemError {
  const cause = new Error(`LiveKit answered a ${method} of WHIP with ${status}`)
  switch (status) {
    case 400:
      return problems.badRequest('LiveKit does not accept this session description')
    case 401:
    case 403:
      return problems.mediaServerRefused(cause)
    case 404:
      return problems.publishingNotFound()
    case 500:
      // So it answers a PATCH for an ICE session that is not the present one.
      if (method === 'PATCH')
        return new ProblemError('precondition-failed', 'This is not the present ICE session', { cause })
      return problems.mediaServerUnavailable(cause)
    default:
      return problems.mediaServerUnavailable(cause)
  }
}
