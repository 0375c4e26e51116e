import http, { type ClientRequest, type IncomingMessage } from 'node:http'
import https from 'node:https'
import type { DeliveryError } from '@rtcstack/contract'
import { BlockedAddressError } from './connector.ts'
import type { PostOutcome } from './outbound.ts'

export interface PostRequest {
  headers: Record<string, string>
  body: string
}

interface PostOptions {
  agent: http.Agent
  deadlineMs: number
}

const maxAnswerBytes = 16_384
const keptAnswerBytes = 4096

/** One post: resolves when the answer has ended, was cut, or the time is over. */
export function post(
  url: URL,
  { headers, body }: PostRequest,
  { agent, deadlineMs }: PostOptions,
): Promise<PostOutcome> {
  const startedAt = performance.now()
  return new Promise((resolve) => {
    let sending: ClientRequest | undefined
    const seen: { answer?: IncomingMessage; chunks: Buffer[]; size: number; address: string | null } = {
      chunks: [],
      size: 0,
      address: null,
    }
    const timer = setTimeout(() => settle('timeout'), deadlineMs)
    let isSettled = false

    /** An answer that began tells what came of it, whatever becomes of the rest of it. */
    function settle(error: DeliveryError | null): void {
      if (isSettled) return
      isSettled = true
      clearTimeout(timer)
      const { answer } = seen
      // An answer that came whole to a request that went out whole gives its connection back; anything else breaks it.
      if (!answer?.complete || !sending?.writableFinished) sending?.destroy()
      const statusCode = answer?.statusCode ?? null
      const isGood = statusCode !== null && statusCode >= 200 && statusCode < 300
      resolve({
        statusCode,
        error: statusCode === null ? error : isGood ? null : 'status',
        address: seen.address,
        answer: textOf(seen.chunks),
        durationMs: Math.round(performance.now() - startedAt),
        retryAfterSeconds: readRetryAfter(answer?.headers['retry-after']),
      })
    }

    function send(mayRepeat: boolean): void {
      const { request } = url.protocol === 'https:' ? https : http
      const fail = (error: NodeJS.ErrnoException) => {
        // A connection that was broken here, at the deadline, fails too.
        if (isSettled) return
        // The other side closed an idle connection just as it was used again: that says nothing about the endpoint.
        const isStale = sending?.reusedSocket && (error.code === 'ECONNRESET' || error.code === 'EPIPE')
        if (mayRepeat && isStale && !seen.answer) send(false)
        else settle(classify(error))
      }
      sending = request(url, {
        method: 'POST',
        agent,
        headers: { ...headers, 'content-length': Buffer.byteLength(body), 'accept-encoding': 'identity' },
      })
      sending.on('error', fail)
      sending.on('socket', (socket) => {
        const note = () => {
          seen.address = socket.remoteAddress ?? null
        }
        if (socket.connecting) socket.once('connect', note)
        else note()
      })
      sending.on('upgrade', (answer, socket) => {
        seen.answer = answer
        socket.destroy()
        settle(null)
      })
      sending.on('response', (answer) => {
        seen.answer = answer
        answer.on('data', (chunk: Buffer) => {
          seen.chunks.push(chunk)
          seen.size += chunk.length
          if (seen.size >= maxAnswerBytes) settle(null)
        })
        answer.on('end', () => settle(null))
        answer.on('error', () => settle(null))
      })
      sending.end(body)
    }

    try {
      send(true)
    } catch (error) {
      settle(classify(error as NodeJS.ErrnoException))
    }
  })
}

const codes: Record<string, DeliveryError> = {
  ENOTFOUND: 'dns',
  EAI_AGAIN: 'dns',
  ENODATA: 'dns',
  ESERVFAIL: 'dns',
  ECONNREFUSED: 'refused',
  EHOSTUNREACH: 'refused',
  ENETUNREACH: 'refused',
  EADDRNOTAVAIL: 'refused',
  ECONNRESET: 'reset',
  EPIPE: 'reset',
  ETIMEDOUT: 'timeout',
  EPROTO: 'tls',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'tls',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'tls',
  UNABLE_TO_GET_ISSUER_CERT: 'tls',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'tls',
  SELF_SIGNED_CERT_IN_CHAIN: 'tls',
  CERT_HAS_EXPIRED: 'tls',
}

function classify(error: NodeJS.ErrnoException): DeliveryError {
  if (error instanceof BlockedAddressError) return 'blocked'
  // Of several addresses each may have failed: they are told by the first.
  const { code = '' } = error instanceof AggregateError ? (error.errors[0] as NodeJS.ErrnoException) : error
  return codes[code] ?? (/^(ERR_TLS|ERR_SSL|CERT_)/.test(code) ? 'tls' : 'other')
}

function textOf(chunks: Buffer[]): string | null {
  const text = Buffer.concat(chunks).subarray(0, keptAnswerBytes).toString().replaceAll('\0', '\ufffd')
  return text === '' ? null : text
}

/** Seconds, or an HTTP date. */
function readRetryAfter(value: string | undefined): number | undefined {
  if (value === undefined) return undefined
  if (/^\d{1,9}$/.test(value)) return Number(value)
  const time = Date.parse(value)
  return Number.isNaN(time) ? undefined : Math.max(0, (time - Date.now()) / 1000)
}
