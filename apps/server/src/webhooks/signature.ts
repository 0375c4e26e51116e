import { createHmac } from 'node:crypto'

/** What is signed: the id of the event, the time of this attempt, and the body as it is sent. */
interface Message {
  id: string
  at: Date
  body: string
}

/** Headers of a delivery (Standard Webhooks 1.0), with one signature for each key. */
export function signatureHeaders({ id, at, body }: Message, keys: readonly Buffer[]): Record<string, string> {
  const timestamp = String(Math.floor(at.getTime() / 1000))
  const signatures = keys.map(
    (key) => `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`,
  )
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures.join(' ') }
}
