import { Agent, request } from 'node:http'

/** A request as it goes over the wire: the address is encoded already. */
export interface WireRequest {
  method: string
  path: string
  headers: Record<string, string>
  body?: Buffer
}

export interface WireAnswer {
  status: number
  headers: Record<string, string | string[] | undefined>
  body: string
}

/** Makes `exchange(request)` for a server, over a pool of kept connections. */
export function createExchange(origin: string, { connections }: { connections: number }) {
  const agent = new Agent({ keepAlive: true, maxSockets: connections })
  const { hostname, port } = new URL(origin)
  const exchange = ({ method, path, headers, body }: WireRequest) =>
    new Promise<WireAnswer>((resolve, reject) => {
      const length = body ? { 'content-length': String(body.length) } : {}
      const call = request(
        { agent, hostname, port, method, path, headers: { ...length, ...headers } },
        (response) => {
          const chunks: Buffer[] = []
          response.on('data', (chunk: Buffer) => chunks.push(chunk))
          response.on('error', reject)
          response.on('end', () =>
            resolve({
              status: response.statusCode ?? 0,
              headers: response.headers,
              body: Buffer.concat(chunks).toString(),
            }),
          )
        },
      )
      call.on('error', reject)
      call.end(body)
    })
  return { exchange, close: () => agent.destroy() }
}

export type Exchange = ReturnType<typeof createExchange>['exchange']

/** The request as text to send it again by hand. */
export function reproduction({ method, path, headers, body }: WireRequest): string {
  const lines = Object.entries(headers)
    .filter(([name]) => name !== 'x-api-key')
    .map(([name, value]) => `${name}: ${JSON.stringify(value)}`)
  const shown = body && shorten(body.toString('latin1'))
  return [`${method} ${shorten(path)}`, ...lines, ...(shown === undefined ? [] : [shown])].join('\n  ')
}

const shorten = (text: string) =>
  JSON.stringify(text.length <= 600 ? text : `${text.slice(0, 600)}… (${text.length} characters)`)
