import dns, { type LookupAddress } from 'node:dns'

/** Resolves a name to all its addresses; `dns.lookup`, unless a test has its own. */
export type LookupAll = (
  name: string,
  callback: (error: Error | null, addresses: LookupAddress[]) => void,
) => void

/** As `dns.lookup` does it, so that what the operator's hosts file says counts. */
export const lookupAll: LookupAll = (name, callback) => dns.lookup(name, { all: true }, callback)

/**
 * Asks for a name once at a time: who asks while it is looked up gets the same answer, and nothing is kept after that.
 * Each look-up holds one of Node's few threads, so a name whose server hangs would else take them from all the others.
 */
export function shareLookups(lookup: LookupAll): LookupAll {
  const waiting = new Map<string, Parameters<LookupAll>[1][]>()
  return (name, callback) => {
    const others = waiting.get(name)
    if (others) {
      others.push(callback)
      return
    }
    const callbacks = [callback]
    waiting.set(name, callbacks)
    lookup(name, (error, addresses) => {
      waiting.delete(name)
      for (const one of callbacks) one(error, addresses)
    })
  }
}
