import { setTimeout as pause } from 'node:timers/promises'
import { type StreamedEvent, signWebhook } from '@rtcstack/sdk'

interface ForwarderOptions {
  url: string
  secret: string
  fetch: typeof fetch
  signal: AbortSignal
  /** Told of an attempt that went well. */
  onDone: (text: string) => void
  /** Told of one that did not. */
  onFailure: (text: string) => void
  /** Before each further attempt; half a second, one and two unless told. */
  pausesMs?: readonly number[]
  /** For each attempt; as long as the server gives an endpoint, 15 000, unless told. */
  deadlineMs?: number
}

type Parcel = Pick<StreamedEvent, 'event' | 'body'>

/**
 * Posts events as webhooks are posted, one after the other: each is tried a few times before the next has its turn.
 * Resolves when it is through with the event, or the signal aborts.
 */
export function createForwarder(options: ForwarderOptions) {
  const { signal, onDone, onFailure, pausesMs = [500, 1000, 2000] } = options
  return async (parcel: Parcel): Promise<void> => {
    for (const pauseMs of [...pausesMs, undefined]) {
      const startedAt = performance.now()
      const { isGood, outcome } = await attempt(parcel, options)
      if (signal.aborted) return
      const text = `  → POST ${outcome} (${Math.round(performance.now() - startedAt)} ms)`
      if (isGood) return onDone(text)
      if (pauseMs === undefined) return onFailure(`${text}, given up: ${parcel.event.id}`)
      onFailure(`${text}, again in ${pauseMs / 1000} s`)
      await pause(pauseMs, undefined, { signal }).catch(() => undefined)
      if (signal.aborted) return
    }
  }
}

async function attempt(
  { event, body }: Parcel,
  { url, secret, fetch, signal, deadlineMs = 15_000 }: ForwarderOptions,
): Promise<{ isGood: boolean; outcome: string }> {
  const headers = {
    'content-type': 'application/json',
    'user-agent': 'RTCstack-Webhook/1',
    'x-rtcstack-event': event.type,
    ...(await signWebhook({ id: event.id, timestamp: new Date(), body, secret })),
  }
  const limit = AbortSignal.any([signal, AbortSignal.timeout(deadlineMs)])
  try {
    const answer = await fetch(url, { method: 'POST', headers, body, redirect: 'manual', signal: limit })
    await answer.body?.cancel()
    return { isGood: answer.ok, outcome: String(answer.status) }
  } catch (error) {
    return { isGood: false, outcome: reasonOf(error, deadlineMs) }
  }
}

/** What fetch says of a connection is in the cause, and for a name of several addresses only its code is. */
function reasonOf(error: unknown, deadlineMs: number): string {
  if (!(error instanceof Error)) return String(error)
  if (error.name === 'TimeoutError') return `no answer within ${deadlineMs / 1000} s`
  const { message, code } = (error.cause ?? error) as NodeJS.ErrnoException
  return message || code || error.message
}
