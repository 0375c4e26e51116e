import { setTimeout as pause } from 'node:timers/promises'
import {
  eventually,
  type LiveKitEvent,
  ledgerIdOf,
  liveKitEventsOfCall,
  type RunningServer,
  signLiveKitWebhook,
} from '@rtcstack/testkit'
import { liveKitOf } from '../managed-livekit.ts'

/** Whom a request is made as: LiveKit, which posts webhooks, or an application, which creates rooms. */
export type Sender = 'livekit' | 'application'

/** Requests that go on and on, each repeated until the server acknowledges it. */
export interface Load {
  /** Ids of the events that the server has answered for. */
  readonly acknowledged: ReadonlySet<string>
  /** Answers that are neither an acknowledgement nor 503, which asks for a repetition. */
  readonly refusals: string[]
  /** Resolves when so many more have been acknowledged, at the very moment of the last of them. */
  more(sender: Sender, count: number): Promise<void>
  /** Begins nothing new; resolves when what is under way is acknowledged. */
  stop(): Promise<void>
}

/** Requests come in volleys, so that some are acknowledged while others are being committed. */
const volleys = {
  livekit: { size: 16, everyMs: 100 },
  application: { size: 6, everyMs: 500 },
}
const repeatEveryMs = 50
/** A server that is killed is away for seconds. */
const patienceMs = 60_000

/** Starts posting the lives of rooms as LiveKit would, and creating rooms. */
export async function startLoad(server: RunningServer): Promise<Load> {
  const keys = await liveKitOf(server.dataDirectory)
  const acknowledged = new Set<string>()
  const refusals: string[] = []
  const waiting = new Set<{ sender: Sender; left: number; resolve: () => void }>()
  let stopped = false
  let number = 0

  function acknowledge(sender: Sender, eventId: string): void {
    acknowledged.add(eventId)
    for (const one of waiting) {
      if (one.sender === sender) one.left--
      if (one.left > 0) continue
      waiting.delete(one)
      one.resolve()
    }
  }

  /** The body of the answer that was hoped for; undefined where a repetition would not change the answer. */
  async function untilAnswered(
    path: string,
    init: RequestInit,
    hopedFor: number,
  ): Promise<string | undefined> {
    const attempt = async () => {
      const response = await fetch(`${server.url}${path}`, { method: 'POST', ...init })
      const text = await response.text()
      if (response.status === 503) return false
      if (response.status === hopedFor) return { text }
      refusals.push(`${path} answered ${response.status}: ${text}`)
      return { text: undefined }
    }
    const limits = { timeoutMs: patienceMs, intervalMs: repeatEveryMs, message: `an answer of ${path}` }
    return (await eventually(attempt, limits)).text
  }

  async function post(event: LiveKitEvent): Promise<void> {
    const answer = await untilAnswered('/internal/livekit', signLiveKitWebhook(event, keys), 200)
    if (answer !== undefined) acknowledge('livekit', ledgerIdOf(event))
  }

  async function create(name: string): Promise<void> {
    const headers = { 'content-type': 'application/json', 'x-api-key': server.apiSecret }
    const answer = await untilAnswered('/v1/rooms', { headers, body: JSON.stringify({ name }) }, 201)
    if (answer === undefined) return
    const { sid } = JSON.parse(answer) as { sid: string }
    acknowledge('application', `room_created:${sid}`)
  }

  async function repeat(sender: Sender, requests: Iterable<() => Promise<void>>): Promise<void> {
    const { everyMs } = volleys[sender]
    for (const request of requests) {
      await pause(everyMs - (performance.now() % everyMs))
      if (stopped) return
      await request()
    }
  }
  function* posts() {
    for (;;) for (const event of liveKitEventsOfCall(`life ${number++}`, 2)) yield () => post(event)
  }
  function* creations() {
    for (;;) yield () => create(`room ${number++}`)
  }
  const running = Promise.all([
    ...Array.from({ length: volleys.livekit.size }, () => repeat('livekit', posts())),
    ...Array.from({ length: volleys.application.size }, () => repeat('application', creations())),
  ])
  // Told by `more` and `stop`.
  running.catch(() => undefined)

  return {
    acknowledged,
    refusals,
    more: (sender, left) =>
      Promise.race([
        new Promise<void>((resolve) => waiting.add({ sender, left, resolve })),
        running.then(() => Promise.reject(new Error('the load has been stopped'))),
      ]),
    stop: async () => {
      stopped = true
      await running
    },
  }
}
