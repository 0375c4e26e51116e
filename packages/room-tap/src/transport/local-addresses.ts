import { networkInterfaces } from 'node:os'

/** The addresses of this machine that a peer may reach it by, loopback among them: LiveKit may run beside us. */
export function localAddresses(): { ipv4: string[]; ipv6: string[] } {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? [])
  const of = (family: string) => all.filter((one) => one.family === family).map(({ address }) => address)
  const isLinkLocal = (address: string) => address.startsWith('fe80:') || address.startsWith('169.254.')
  return {
    ipv4: [...new Set(['127.0.0.1', ...of('IPv4')])].filter((address) => !isLinkLocal(address)),
    ipv6: of('IPv6').filter((address) => !isLinkLocal(address)),
  }
}
