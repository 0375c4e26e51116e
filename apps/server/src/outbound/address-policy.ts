import { isIP, isIPv6 } from 'node:net'
import ipaddr from 'ipaddr.js'

/** Decides which IP addresses this server may connect to on behalf of its users. */
export interface AddressPolicy {
  /** Whether an IP literal may be connected to; false for anything that is none. */
  allows(address: string): boolean
}

type Address = ipaddr.IPv4 | ipaddr.IPv6
type Network = [Address, number]

/** All of IPv6 that is given out: what lies beside it can only be inside. */
const globalIPv6: Network = ipaddr.parseCIDR('2000::/3')

/** Azure's own service to its machines, public by its range. */
const azureWireServer = '168.63.129.16'

/** Public addresses are allowed, and those of the named networks (CIDR). IPv6 that maps IPv4 counts as that. */
export function createAddressPolicy(allowCidrs: readonly string[]): AddressPolicy {
  const allowed = allowCidrs.map((network) => ipaddr.parseCIDR(network))
  return {
    allows(text) {
      // A zone names an interface of this machine.
      if (text.includes('%') || !isIP(text)) return false
      const address = ipaddr.process(isIPv6(text) ? withoutDots(text) : text)
      if (isWithin(address, allowed)) return true
      if (address.range() !== 'unicast' || address.toString() === azureWireServer) return false
      return address.kind() === 'ipv4' || isWithin(address, [globalIPv6])
    },
  }
}

/** IPv6 in hexadecimal alone: ipaddr.js takes `::1.2.3.4` for `::ffff:1.2.3.4`, which is another address. */
const withoutDots = (text: string) => new URL(`http://[${text}]`).hostname.slice(1, -1)

const isWithin = (address: Address, networks: Network[]) =>
  networks.some(([network, bits]) => network.kind() === address.kind() && address.match(network, bits))
