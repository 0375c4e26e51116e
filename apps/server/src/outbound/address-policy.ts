import ipaddr from 'ipaddr.js'

/** Decides which IP addresses this server may connect to on behalf of its users. */
export interface AddressPolicy {
  /** Whether an IP literal may be connected to; false for anything that is none. */
  allows(address: string): boolean
}

type Address = ipaddr.IPv4 | ipaddr.IPv6
type Network = [Address, number]

/** Public by their range, but leading inside: forms that carry an IPv4 address, and a cloud's own service address. */
const deniedNetworks = [
  '64:ff9b::/96',
  '64:ff9b:1::/48',
  '2002::/16',
  '2001::/32',
  '::/96',
  '100::/64',
  '3fff::/20',
  '5f00::/16',
  '168.63.129.16/32',
].map((network) => ipaddr.parseCIDR(network))

/** Public addresses are allowed, and those of the named networks (CIDR). IPv6 that maps IPv4 counts as that. */
export function createAddressPolicy(allowCidrs: readonly string[]): AddressPolicy {
  const allowed = allowCidrs.map((network) => ipaddr.parseCIDR(network))
  return {
    allows(text) {
      // A zone names an interface of this machine.
      if (text.includes('%') || !ipaddr.isValid(text)) return false
      const address = ipaddr.process(text)
      if (isWithin(address, allowed)) return true
      return address.range() === 'unicast' && !isWithin(address, deniedNetworks)
    },
  }
}

const isWithin = (address: Address, networks: Network[]) =>
  networks.some(([network, bits]) => network.kind() === address.kind() && address.match(network, bits))
