import type { RunningServer } from '@rtcstack/testkit'
import autocannon from 'autocannon'

const connections = 20
const warmUpSeconds = 3
const seconds = 10

/** One request, sent over and over. */
export interface Load {
  method: 'GET' | 'POST'
  path: string
  body?: unknown
}

/** A steady pace, without a warm-up. */
export interface Pace {
  perSecond: number
  seconds: number
  connections: number
}

/** Requests a second and latencies, with the generator on the same machine; every answer must be a 2xx. */
export async function measureLoad(
  { url, apiSecret }: RunningServer,
  { method, path, body }: Load,
  pace?: Pace,
) {
  const options: autocannon.Options = {
    url: `${url}${path}`,
    method,
    connections: pace?.connections ?? connections,
    headers: { 'x-api-key': apiSecret, ...(body !== undefined && { 'content-type': 'application/json' }) },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  }
  if (!pace) await autocannon({ ...options, duration: warmUpSeconds })
  const result = await autocannon({
    ...options,
    ...(pace ? { duration: pace.seconds, overallRate: pace.perSecond } : { duration: seconds }),
  })
  if (result.non2xx + result.errors > 0)
    throw new Error(`${path}: ${result.non2xx} refused, ${result.errors} failed`)
  return {
    perSecond: Math.round(result.requests.average),
    p50Ms: result.latency.p50,
    p99Ms: result.latency.p99,
    connections: options.connections ?? connections,
    requests: result.requests.total,
  }
}
