import type { LedgerEvent } from '@rtcstack/sdk'

/** What an endpoint wants, and what came of it. */
export interface Endpoint {
  url: string
  /** Types that it wants; `*` is all. */
  events: string[]
  /** Ids of the events that it took. */
  taken: ReadonlySet<string>
  /** Requests too many: `FailingReceiver` says which. */
  repeated: number
  /** Requests whose signature is not good. */
  forged: number
}

/** What a server has answered for, what is in its ledger, and what endpoints got. */
export interface Evidence {
  acknowledged: ReadonlySet<string>
  ledger: Pick<LedgerEvent, 'id' | 'type' | 'roomId' | 'sequence'>[]
  endpoints: Endpoint[]
}

/** What the evidence proves. */
export interface Account {
  /** What must not be, each in a line. */
  faults: string[]
  /** Events that are not in the ledger, and deliveries that were not taken. */
  lost: number
  /** Deliveries that are due, of all endpoints together. */
  wanted: number
  repeated: number
  forged: number
}

/** Holds the ledger against what was acknowledged, and what came against the ledger. */
export function accountOf({ acknowledged, ledger, endpoints }: Evidence): Account {
  const recorded = new Set(ledger.map(({ id }) => id))
  const due = endpoints.flatMap((endpoint) => dueAt(endpoint, ledger))
  const forgotten = [...acknowledged].filter((id) => !recorded.has(id))
  const undelivered = due.filter(({ id, endpoint }) => !endpoint.taken.has(id))
  const forged = sumOf(endpoints, 'forged')
  return {
    faults: [
      ...forgotten.map((id) => `${id} was acknowledged and is not in the ledger`),
      ...undelivered.map(({ id, endpoint }) => `${id} is in the ledger and did not reach ${endpoint.url}`),
      ...endpoints.flatMap((endpoint) => inventedAt(endpoint, recorded)),
      ...repeatedIn(ledger),
      ...misnumberedIn(ledger),
      ...(forged > 0 ? [`${forged} signatures are not good`] : []),
    ],
    lost: forgotten.length + undelivered.length,
    wanted: due.length,
    repeated: sumOf(endpoints, 'repeated'),
    forged,
  }
}

const dueAt = (endpoint: Endpoint, ledger: Evidence['ledger']) =>
  ledger
    .filter(({ type }) => endpoint.events.some((wanted) => wanted === '*' || wanted === type))
    .map(({ id }) => ({ id, endpoint }))

const inventedAt = ({ taken, url }: Endpoint, recorded: ReadonlySet<string>) =>
  [...taken].filter((id) => !recorded.has(id)).map((id) => `${id} reached ${url} and is not in the ledger`)

function repeatedIn(ledger: Evidence['ledger']): string[] {
  const seen = new Set<string>()
  return ledger.flatMap(({ id }) => {
    const isRepeated = seen.has(id)
    seen.add(id)
    return isRepeated ? [`${id} is in the ledger more than once`] : []
  })
}

function misnumberedIn(ledger: Evidence['ledger']): string[] {
  const lastOf = new Map<string, number>()
  return ledger.flatMap(({ id, roomId, sequence }) => {
    const expected = (lastOf.get(roomId) ?? 0) + 1
    lastOf.set(roomId, sequence)
    return sequence === expected ? [] : [`${id} has the sequence ${sequence} instead of ${expected}`]
  })
}

const sumOf = (endpoints: Endpoint[], field: 'repeated' | 'forged') =>
  endpoints.reduce((sum, endpoint) => sum + endpoint[field], 0)
