import http from 'node:http'
import https from 'node:https'
import { isIP, type LookupFunction } from 'node:net'
import type { AddressPolicy } from './address-policy.ts'
import type { LookupAll } from './lookup.ts'

/** The address, or one of those that a name resolves to, is not to be connected to. */
export class BlockedAddressError extends Error {
  override name = 'BlockedAddressError'
}

const maxIdlePerOrigin = 8
const idleMs = 10_000

/**
 * Agents of our own whose connections are judged when they are made: a literal address before the socket exists, a name
 * in the look-up that the socket itself does, so that nothing can change in between. Only idle connections are counted:
 * how many posts there are at a time is limited for each endpoint, and endpoints of one origin must not wait in here.
 */
export function createGuardedAgents(policy: AddressPolicy, lookup: LookupAll) {
  const options = { keepAlive: true, maxFreeSockets: maxIdlePerOrigin, timeout: idleMs }
  const agents = {
    http: new http.Agent(options),
    https: new https.Agent({ ...options, minVersion: 'TLSv1.2' }),
  }
  for (const agent of Object.values<http.Agent>(agents)) {
    const connect = agent.createConnection.bind(agent)
    agent.createConnection = (target, callback) => {
      const host = String((target as { host?: string }).host ?? '').replace(/^\[|\]$/g, '')
      if (!isIP(host) || policy.allows(host))
        return connect({ ...target, lookup: guardedLookup(policy, lookup) } as typeof target, callback)
      process.nextTick(() =>
        callback?.(new BlockedAddressError('the address is not allowed'), undefined as never),
      )
      return undefined
    }
  }
  return {
    of: (url: URL): http.Agent => (url.protocol === 'https:' ? agents.https : agents.http),
    close(): void {
      agents.http.destroy()
      agents.https.destroy()
    },
  }
}

/** A look-up that fails where any of the addresses is bad. */
function guardedLookup(policy: AddressPolicy, lookup: LookupAll): LookupFunction {
  return (name, { all }, callback) =>
    lookup(name, (error, addresses) => {
      const [first] = addresses ?? []
      if (error) callback(error, '', 0)
      else if (!first || !addresses.every(({ address }) => policy.allows(address)))
        callback(new BlockedAddressError('the name resolves to an address that is not allowed'), '', 0)
      else if (all) callback(null, addresses)
      else callback(null, first.address, first.family)
    })
}
