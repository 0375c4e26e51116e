import type { IncomingMessage } from 'node:http'
import { ProblemError, problems } from './problem.ts'

/** Longest address of a request. */
export const maxUrlLength = 8 * 1024
const maxHeaderBytes = 16 * 1024

/** Node's own limit is wider, since a token with 64 KiB of metadata is longer than all else together. */
export const maxHeaderAndTokenBytes = 160 * 1024

/** What is wrong with a request before its route is looked at. Signalling carries its token in the address. */
export function faultOf(request: IncomingMessage): ProblemError | undefined {
  const { headers, rawHeaders, url = '', httpVersion } = request
  if (httpVersion !== '1.1' && httpVersion !== '1.0') return closing('This is not HTTP/1.1')
  if (headers.host === undefined && httpVersion === '1.1') return closing('The Host header is missing')
  if (!isHost(headers.host ?? '') || timesGiven('host', rawHeaders) > 1)
    return closing('The Host header is no host')
  if ((headers['transfer-encoding'] ?? 'chunked').toLowerCase() !== 'chunked')
    return closing('The only transfer coding is chunked')
  if (url.length > maxUrlLength && !/^\/rtc(\/|\?|$)/.test(url))
    return new ProblemError('uri-too-long', 'The address is longer than 8 KiB')
  if (!isDecodable(url)) return problems.badRequest('The address is not percent-encoded UTF-8')
  const bytes = rawHeaders.reduce((sum, text) => sum + text.length, 0) - (headers.authorization?.length ?? 0)
  if (bytes > maxHeaderBytes)
    return new ProblemError('headers-too-large', 'The headers are larger than 16 KiB')
  if ((headers['content-encoding'] ?? 'identity') !== 'identity')
    return new ProblemError('unsupported-media-type', 'The body must not be compressed')
  return undefined
}

/** What follows on such a connection cannot be trusted to be a request. */
function closing(detail: string): ProblemError {
  return problems.badRequest(detail, { endsConnection: true })
}

/** A name or address with an optional port (RFC 9110, 7.2). */
const isHost = (host: string) => /^([\w.~!$&'()*+,;=%-]*|\[[\da-fA-F:.]+\])(:\d{0,5})?$/.test(host)

/** Fastify refuses such a path, but takes such a query as it is. */
function isDecodable(url: string): boolean {
  const query = url.indexOf('?')
  if (query === -1 || !url.includes('%', query)) return true
  try {
    decodeURIComponent(url.slice(query))
    return true
  } catch {
    return false
  }
}

function timesGiven(name: string, rawHeaders: string[]): number {
  let count = 0
  for (let at = 0; at < rawHeaders.length; at += 2) if (rawHeaders[at]?.toLowerCase() === name) count++
  return count
}
