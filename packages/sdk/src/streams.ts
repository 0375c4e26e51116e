import type { Operation, ParamsOf } from '@rtcstack/contract'
import {
  type CallOptions,
  type ClientOptions,
  credentialsOf,
  isOf,
  nameFailure,
  originOf,
  pathOf,
  refuse,
  repeating,
  retriesOf,
} from './transport.ts'

/** Opens an endless answer: its body, when the server has begun to send it. */
export type OpenStream = (
  path: string,
  options: { headers: Record<string, string>; signal?: AbortSignal },
) => Promise<ReadableStream<Uint8Array>>

export function createStreamOpener(client: ClientOptions): OpenStream {
  return async (path, options) => {
    const answer = await open(client, path, options)
    if (answer.body && isOf(answer, options.headers.accept ?? '')) return answer.body
    return refuse(answer)
  }
}

/** Bytes of a file, from `start` up to `end`, which is not among them; to the last one unless told. */
export interface ByteRange {
  start: number
  end?: number
}

export interface FileOptions extends Omit<CallOptions, 'idempotencyKey'> {
  /** Only these; the answer is then 206, or 416 is thrown where the file has none of them. */
  range?: ByteRange
}

/** Opens a file: the answer, when the server has begun to send it. Its body is read without a limit of time. */
export type OpenFile = <T extends Operation>(
  operation: T,
  params: ParamsOf<T>,
  options?: FileOptions,
) => Promise<Response>

export function createFileOpener(client: ClientOptions): OpenFile {
  return (operation, params, { range, headers, ...options } = {}) =>
    repeating(retriesOf(client), options.signal, () =>
      open(client, pathOf(operation.path, params ?? {}), {
        ...options,
        headers: { ...(range && { range: rangeOf(range) }), ...headers },
      }),
    )
}

const rangeOf = ({ start, end }: ByteRange) => `bytes=${start}-${end === undefined ? '' : end - 1}`

/** An answer of success, unread; the limit is over when it has begun. */
async function open(
  client: ClientOptions,
  path: string,
  { headers, signal, timeoutMs = client.timeoutMs ?? 10_000 }: CallOptions,
): Promise<Response> {
  const { fetch = globalThis.fetch } = client
  const url = `${originOf(client)}${path}`
  const opening = new AbortController()
  const timer = setTimeout(() => opening.abort(), timeoutMs)
  try {
    const answer = await fetch(url, {
      headers: { ...credentialsOf(client), ...headers },
      signal: signal ? AbortSignal.any([signal, opening.signal]) : opening.signal,
      redirect: 'error',
    })
    return answer.ok ? answer : await refuse(answer)
  } catch (error) {
    throw nameFailure(error, { url, signal, limit: opening.signal, timeoutMs })
  } finally {
    clearTimeout(timer)
  }
}
