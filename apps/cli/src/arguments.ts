import { type EventType, eventTypes } from '@rtcstack/sdk'
import { InvalidArgumentError } from 'commander'

/** A whole number. */
export function readCount(text: string): number {
  if (/^\d+$/.test(text)) return Number(text)
  throw new InvalidArgumentError('It must be a whole number.')
}

/** Types of events, separated by commas. */
export function readTypes(text: string): EventType[] {
  return text.split(',').map((part) => {
    const type = eventTypes.find((known) => known === part.trim())
    if (type) return type
    throw new InvalidArgumentError(`"${part.trim()}" is none of ${eventTypes.join(', ')}.`)
  })
}

/** What an endpoint gets: types of events, or `*` for all. */
export const readEvents = (text: string): string[] => (text.trim() === '*' ? ['*'] : readTypes(text))

/** A place in the ledger. */
export function readCursor(text: string): string {
  if (/^(0|[1-9]\d{0,17})$/.test(text)) return text
  throw new InvalidArgumentError('It must be a place in the ledger, such as 0 or 42.')
}

/** An address of the web. */
export function readUrl(text: string): string {
  if (/^https?:\/\//i.test(text) && URL.canParse(text)) return text
  throw new InvalidArgumentError('It must begin with http:// or https://.')
}

/** A time, as the API wants it. */
export function readInstant(text: string): string {
  const time = new Date(text)
  if (!Number.isNaN(time.getTime())) return time.toISOString()
  throw new InvalidArgumentError('It must be a time, such as 2026-01-01T12:00:00Z.')
}
