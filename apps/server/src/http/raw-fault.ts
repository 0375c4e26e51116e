import { randomUUID } from 'node:crypto'
import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { ProblemSlug } from '@rtcstack/contract'
import { ProblemError } from './problem.ts'
import { securityHeaders } from './security-headers.ts'

/**
 * Makes the handler of faults below HTTP, where there is no request to answer: the problem is written to the socket,
 * which is then closed. Behind good requests it waits for their answers, whose place it would otherwise take, and after
 * an answer that ends the connection it says nothing more.
 */
export function createRawFaultHandler() {
  const answers = new WeakMap<Duplex, ServerResponse[]>()
  const failed = new WeakSet<Duplex>()
  return {
    /** To be called with every request, so that the handler knows what is being answered. */
    watch: ({ socket }: IncomingMessage, response: ServerResponse): void => {
      const unfinished = (answers.get(socket) ?? []).filter((one) => !one.writableFinished)
      answers.set(socket, [...unfinished, response])
    },
    handle: (error: Error & { code?: string }, socket: Socket): void => {
      // Each further packet of a broken stream is a fault again.
      if (failed.has(socket)) return
      failed.add(socket)
      const known = answers.get(socket) ?? []
      const last = known.filter((response) => response.req.complete && !response.writableFinished).at(-1)
      if (error.code === 'ECONNRESET' || !socket.writable) socket.destroy()
      else if (last) last.once('finish', () => writeProblem(error, socket))
      else if (!known.some(endsConnection)) writeProblem(error, socket)
    },
  }
}

const endsConnection = (response: ServerResponse) => response.headersSent && !response.shouldKeepAlive

function writeProblem(error: Error & { code?: string }, socket: Socket): void {
  const { status, headers, body } = rawProblem(...faultByCode(error.code))
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  const head = `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join('')}\r\n`
  socket.end(`${head}${body}`, () => socket.destroy())
}

/** Answers an Expect header other than 100-continue, which Node would answer without a word. */
export function answerExpectation(_request: IncomingMessage, response: ServerResponse): void {
  const { status, headers, body } = rawProblem('expectation-failed', 'The Expect header cannot be met')
  response.writeHead(status, headers).end(body)
}

function faultByCode(code: string | undefined): [ProblemSlug, string] {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return ['request-timeout', 'The request did not arrive in time']
  if (code === 'HPE_HEADER_OVERFLOW') return ['headers-too-large', 'The headers are larger than 16 KiB']
  return ['bad-request', 'This is not a well-formed HTTP request']
}

function rawProblem(slug: ProblemSlug, detail: string) {
  const id = randomUUID()
  const problem = new ProblemError(slug, detail)
  const body = JSON.stringify(problem.toJSON(id))
  const headers: Record<string, string> = {
    ...securityHeaders,
    'x-request-id': id,
    'content-type': 'application/problem+json',
    'content-length': String(Buffer.byteLength(body)),
    connection: 'close',
  }
  return { status: problem.status, headers, body }
}
