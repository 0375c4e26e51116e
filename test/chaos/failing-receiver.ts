import { randomBytes } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import { type Received, startReceiver } from '@rtcstack/testkit'
import { verified } from '../deliveries.ts'

/** An endpoint that fails 17 % of what it gets, and keeps account of it. */
export interface FailingReceiver {
  readonly url: string
  /** Signs what comes here. */
  readonly secret: string
  /** Ids of the events that were answered with 204. */
  readonly taken: ReadonlySet<string>
  /**
   * Requests that came although the same event had been answered with 204 before, or an earlier one of it was still
   * being waited for. What comes again since this endpoint failed, or since the sender died while it hung, is none.
   */
  readonly repeated: number
  /** Requests whose signature is not good. */
  readonly forged: number
  close(): Promise<void>
}

/** Starts one: of its answers 10 % are 500, 5 % are a reset of the connection, and 2 % never come. */
export async function startFailingReceiver(random: () => number): Promise<FailingReceiver> {
  const secret = `whsec_${randomBytes(24).toString('base64')}`
  const taken = new Set<string>()
  const waitedFor = new Map<string, number>()
  let repeated = 0
  let forged = 0

  function answer(request: Received, response: ServerResponse): void {
    const id = String(request.headers['webhook-id'])
    if (!isGood(request, secret, id)) forged++
    if (taken.has(id) || waitedFor.has(id)) repeated++
    const chance = random()
    if (chance < 0.1) response.writeHead(500).end()
    else if (chance < 0.15) response.socket?.resetAndDestroy()
    else if (chance < 0.17) hang(id, response)
    else {
      taken.add(id)
      response.writeHead(204).end()
    }
    // Judged for good: a long run would keep all of them.
    receiver.received.length = 0
  }

  function hang(id: string, response: ServerResponse): void {
    waitedFor.set(id, (waitedFor.get(id) ?? 0) + 1)
    response.once('close', () => {
      const left = (waitedFor.get(id) ?? 1) - 1
      if (left === 0) waitedFor.delete(id)
      else waitedFor.set(id, left)
    })
  }

  const receiver = await startReceiver({ answer })
  return {
    url: receiver.url,
    secret,
    taken,
    get repeated() {
      return repeated
    },
    get forged() {
      return forged
    },
    close: receiver.close,
  }
}

function isGood(request: Received, secret: string, id: string): boolean {
  try {
    return verified(request, secret).id === id
  } catch {
    return false
  }
}
