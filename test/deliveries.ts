import type { LedgerEvent, TestEvent } from '@rtcstack/sdk'
import type { Received } from '@rtcstack/testkit'
import { Webhook as StandardWebhook } from 'standardwebhooks'
import { Webhook as SvixWebhook } from 'svix'

/** The event of a delivery whose signature two independent libraries find good; throws where one does not. */
export function verified({ headers, body }: Received, secret: string): LedgerEvent | TestEvent {
  const texts = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]))
  new StandardWebhook(secret).verify(body, texts)
  new SvixWebhook(secret).verify(body, texts)
  return JSON.parse(body) as LedgerEvent | TestEvent
}

/** What an event is about, in a line: its type and the identity where it has one. */
export function lineOf(event: LedgerEvent | TestEvent): string {
  const { participant } = event.data as { participant?: { identity: string } }
  return participant ? `${event.type} ${participant.identity}` : event.type
}
