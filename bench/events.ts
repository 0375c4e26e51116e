import { type Client, createClient } from '@rtcstack/sdk'
import { liveKitEventsOfCall, type RunningServer } from '@rtcstack/testkit'
import type { Benchmark } from './benchmark.ts'
import { openEndpoints } from './endpoints.ts'
import { createLiveKitLoad, type Posted } from './livekit-load.ts'

const connections = 32
const endpointCount = 5
/** A call of three participants is eleven events. */
const callOfThree = (_: unknown, index: number) => liveKitEventsOfCall(`bench ${index}`, 3)
const calls = (count: number) => Array.from({ length: count }, callOfThree)
const clientOf = ({ url, apiSecret }: RunningServer) => createClient({ url, apiKey: apiSecret })

/** LiveKit's events in and out again: how fast, how soon, beside a bad neighbour, and after very many. */
export const eventBenchmarks: Benchmark[] = [
  {
    name: 'events',
    bound: '≥ 800 acknowledged/s, p99 ≤ 100 ms; ≥ 3,000 deliveries/s, each proven',
    run: async (server) => {
      const figures = await measureThroughput(server)
      const { ackPerSecond, ackP99Ms, deliveriesPerSecond, lost, unsigned } = figures
      const met = ackPerSecond >= 800 && ackP99Ms <= 100 && deliveriesPerSecond >= 3000
      return { figures, met: met && lost + unsigned === 0 }
    },
  },
  {
    name: 'event-latency',
    bound: 'p50 ≤ 20 ms, p99 ≤ 250 ms from event to receipt at 100/s × 5 endpoints',
    run: async (server) => {
      const figures = await measureLatency(server)
      return { figures, met: figures.p50Ms <= 20 && figures.p99Ms <= 250 && figures.lost === 0 }
    },
  },
  {
    name: 'event-isolation',
    bound: 'p99 ≤ 500 ms at four endpoints while the fifth hangs',
    run: async (server) => {
      const hanging = await openEndpoints(clientOf(server), 1, { answer: () => undefined })
      const figures = await measureLatency(server, endpointCount - 1)
      await hanging.close()
      return { figures, met: figures.p99Ms <= 500 && figures.lost === 0 }
    },
  },
  {
    name: 'event-growth',
    bound: 'cost of an event ≤ 1.3 × after 200,000 of them, and with 1,000 webhooks',
    run: async (server) => {
      const figures = await measureGrowth(server)
      const { microsecondsAtFirst, microsecondsAfter200000, microsecondsWith1000Webhooks } = figures
      const worst = Math.max(microsecondsAfter200000, microsecondsWith1000Webhooks)
      return { figures, met: worst <= 1.3 * microsecondsAtFirst }
    },
  },
]

async function measureThroughput(server: RunningServer) {
  const load = createLiveKitLoad(server, connections)
  const endpoints = await openEndpoints(clientOf(server), endpointCount)
  await endpoints.arrival(await load.postCalls(calls(100)))
  const startedAt = performance.now()
  const posted = await load.postCalls(calls(600))
  const postedMs = performance.now() - startedAt
  await endpoints.arrival(posted)
  const arrivedMs = performance.now() - startedAt
  const proof = await endpoints.verify(posted)
  await endpoints.close()
  load.close()
  const took = posted.map(({ tookMs }) => tookMs)
  return {
    events: posted.length,
    ackPerSecond: perSecond(posted.length, postedMs),
    ackP50Ms: percentile(took, 50),
    ackP99Ms: percentile(took, 99),
    deliveriesPerSecond: perSecond(posted.length * endpointCount, arrivedMs),
    ...proof,
  }
}

async function measureLatency(server: RunningServer, count = endpointCount) {
  const load = createLiveKitLoad(server, connections)
  const endpoints = await openEndpoints(clientOf(server), count)
  const steadily = (number: number) => load.postSteadily(calls(number).flat(), 100)
  await endpoints.arrival(await steadily(45))
  const posted = await steadily(182)
  await endpoints.arrival(posted)
  const latencies = endpoints.latencies(posted)
  const proof = await endpoints.verify(posted)
  await endpoints.close()
  load.close()
  return {
    events: posted.length,
    p50Ms: percentile(latencies, 50),
    p99Ms: percentile(latencies, 99),
    maxMs: percentile(latencies, 100),
    ...proof,
  }
}

async function measureGrowth(server: RunningServer) {
  const client = clientOf(server)
  const load = createLiveKitLoad(server, connections)
  const endpoints = await openEndpoints(client, 1)
  const measure = async () => {
    const startedAt = performance.now()
    const posted = await load.postCalls(calls(500))
    await endpoints.arrival(posted)
    return Math.round(((performance.now() - startedAt) * 1000) / posted.length)
  }
  await endpoints.arrival(await load.postCalls(calls(91)))
  const microsecondsAtFirst = await measure()
  await fill(194_000, load, endpoints)
  const microsecondsAfter200000 = await measure()
  await registerOthers(client, 1000)
  const microsecondsWith1000Webhooks = await measure()
  await endpoints.close()
  load.close()
  return { microsecondsAtFirst, microsecondsAfter200000, microsecondsWith1000Webhooks }
}

async function fill(
  count: number,
  load: ReturnType<typeof createLiveKitLoad>,
  endpoints: Awaited<ReturnType<typeof openEndpoints>>,
): Promise<void> {
  const startedAt = performance.now()
  for (let stored = 0; stored < count; ) {
    const posted: Posted[] = await load.postCalls(calls(1000))
    await endpoints.arrival(posted)
    stored += posted.length
    const seconds = Math.round((performance.now() - startedAt) / 1000)
    process.stderr.write(`event-growth: ${stored} of ${count} events stored after ${seconds} s\n`)
  }
}

/** Webhooks that the events at hand do not concern. */
async function registerOthers(client: Client, count: number): Promise<void> {
  for (let index = 0; index < count; index++)
    await client.webhooks.create({ url: `http://127.0.0.1:9/${index}`, events: ['transcription_completed'] })
}

const perSecond = (count: number, ms: number) => Math.round((count * 1000) / ms)

function percentile(values: number[], percent: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  const value = sorted[Math.max(0, Math.ceil((sorted.length * percent) / 100) - 1)] ?? Number.NaN
  return Math.round(value * 10) / 10
}
