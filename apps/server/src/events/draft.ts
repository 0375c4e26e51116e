import type { EventType } from '@rtcstack/contract'

/** An event before it has its place in the ledger. */
export interface DraftEvent {
  /** `<type>:<sid>`: what happens once has one id, however often and from wherever it is told. */
  id: string
  type: EventType
  /** Name of the room. */
  room: string
  at: Date
  data: object
}

/** The sequence is not counted. */
const maxBodyBytes = 65_536 - 20
const heavyFields = new Set(['metadata', 'attributes', 'tracks'])

/**
 * The event in JSON, as it is delivered and streamed, in two parts with its sequence to be put in between. Under 64 KiB,
 * or else without metadata, attributes and lists of tracks.
 */
export function eventBody({ id, type, at, room, data }: DraftEvent): [head: string, tail: string] {
  const frame = JSON.stringify({ id, event: type, type, timestamp: at.toISOString(), roomId: room })
  const head = `${frame.slice(0, -1)},"sequence":`
  const tail = (content: object, replace?: typeof emptied) => `,"data":${JSON.stringify(content, replace)}}`
  const whole = tail(data)
  if (Buffer.byteLength(head) + Buffer.byteLength(whole) <= maxBodyBytes) return [head, whole]
  return [head, tail({ ...data, truncated: true }, emptied)]
}

function emptied(key: string, value: unknown): unknown {
  if (!heavyFields.has(key)) return value
  if (typeof value === 'string') return ''
  return Array.isArray(value) ? [] : {}
}
