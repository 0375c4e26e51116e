import { Agent, request } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { type LiveKitEvent, type RunningServer, signLiveKitWebhook } from '@rtcstack/testkit'

/** The key of the server's LiveKit, so that its webhooks can be signed here. */
export const liveKitKey = { apiKey: 'bench', apiSecret: 'a secret of the benchmarks, 32 characters' }

/** When an event was posted (milliseconds since 1970), and how long it took to be acknowledged. */
export interface Posted {
  event: LiveKitEvent
  sentAtMs: number
  tookMs: number
}

/** Posts events as LiveKit does, over connections that are kept; each must be acknowledged. */
export function createLiveKitLoad({ url }: RunningServer, connections: number) {
  const agent = new Agent({ keepAlive: true, maxSockets: connections })

  function post(event: LiveKitEvent): Promise<Posted> {
    const { headers, body } = signLiveKitWebhook(event, liveKitKey)
    const startedAt = performance.now()
    return new Promise((resolve, reject) => {
      const sending = request(`${url}/internal/livekit`, { method: 'POST', agent, headers }, (answer) => {
        answer.resume().on('end', () => {
          if (answer.statusCode !== 200) return reject(new Error(`answered ${answer.statusCode}`))
          const sentAtMs = performance.timeOrigin + startedAt
          resolve({ event, sentAtMs, tookMs: performance.now() - startedAt })
        })
      })
      sending.on('error', reject).end(body)
    })
  }

  return {
    /** As fast as they are acknowledged: the events of a call one after the other, as many calls at once as connections. */
    async postCalls(calls: LiveKitEvent[][]): Promise<Posted[]> {
      const posted: Posted[] = []
      const waiting = calls.values()
      const work = async () => {
        for (const call of waiting) for (const event of call) posted.push(await post(event))
      }
      await Promise.all(Array.from({ length: connections }, work))
      return posted
    },

    /** At a steady rate, whether the ones before were acknowledged or not. */
    async postSteadily(events: LiveKitEvent[], perSecond: number): Promise<Posted[]> {
      const startedAt = performance.now()
      const posting: Promise<Posted>[] = []
      for (const [index, event] of events.entries()) {
        const dueInMs = startedAt + (index * 1000) / perSecond - performance.now()
        if (dueInMs > 1) await pause(dueInMs)
        posting.push(post(event))
      }
      return Promise.all(posting)
    },

    close: () => agent.destroy(),
  }
}
