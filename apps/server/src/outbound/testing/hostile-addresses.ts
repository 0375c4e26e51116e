/** A way of writing an address that leads somewhere inside. */
export interface HostileAddress {
  kind: string
  /** As it stands in a URL, before the port. */
  host: string
  /** What it resolves to, where it is a name. */
  answer?: string[]
}

/** An address that anyone may be connected to. */
export const publicAddress = '93.184.216.34'

const loopbackSpellings: [kind: string, host: string][] = [
  ['loopback', '127.0.0.1'],
  ['decimal IPv4', '2130706433'],
  ['hexadecimal IPv4', '0x7f000001'],
  ['hexadecimal parts', '0x7f.0x0.0x0.0x1'],
  ['octal IPv4', '017700000001'],
  ['octal parts', '0177.0.0.01'],
  ['IPv4 of two parts', '127.1'],
  ['IPv4 of three parts', '127.0.1'],
  ['circled digits', '①②⑦.⓪.⓪.①'],
  ['full-width digits', '１２７.０.０.１'],
  ['ideographic dots', '127。0。0。1'],
  ['percent-encoded digits', '%31%32%37.0.0.1'],
  ['trailing dot', '127.0.0.1.'],
  ['user name that looks like a host', 'public.example@127.0.0.1'],
  ['user name and password', 'public.example:443@127.0.0.1'],
  ['backslash before a host', '127.0.0.1\\@public.example'],
  ['another loopback address', '127.255.255.254'],
  ['zero', '0'],
  ['unspecified IPv4', '0.0.0.0'],
  ['unspecified IPv6', '[::]'],
  ['loopback IPv6', '[::1]'],
  ['loopback IPv6 in full', '[0000:0000:0000:0000:0000:0000:0000:0001]'],
  ['mapped IPv4', '[::ffff:127.0.0.1]'],
  ['mapped IPv4 in hexadecimal', '[::ffff:7f00:1]'],
  ['compatible IPv4', '[::127.0.0.1]'],
  ['compatible IPv4 in hexadecimal', '[::7f00:1]'],
  ['compatible form of a public address', '[::8.8.8.8]'],
  ['translated IPv4', '[::ffff:0:7f00:1]'],
  ['NAT64', '[64:ff9b::7f00:1]'],
  ['NAT64 of a local network', '[64:ff9b:1::7f00:1]'],
  ['6to4', '[2002:7f00:1::1]'],
  ['Teredo', '[2001:0:7f00:1::1]'],
]

const innerNetworks: [kind: string, host: string][] = [
  ['private 10/8', '10.0.0.1'],
  ['private 172.16/12', '172.31.255.254'],
  ['private 192.168/16', '192.168.1.1'],
  ['mapped private', '[::ffff:10.0.0.1]'],
  ['6to4 of a private address', '[2002:a00:1::1]'],
  ['this network', '0.1.2.3'],
  ['carrier-grade NAT', '100.64.0.1'],
  ['link-local', '169.254.1.1'],
  ['IETF protocols', '192.0.0.8'],
  ['documentation 1', '192.0.2.1'],
  ['documentation 2', '198.51.100.1'],
  ['documentation 3', '203.0.113.1'],
  ['benchmark', '198.18.0.1'],
  ['6to4 relay', '192.88.99.1'],
  ['multicast', '224.0.0.1'],
  ['multicast of an organisation', '239.255.255.250'],
  ['reserved', '240.0.0.1'],
  ['broadcast', '255.255.255.255'],
  ['unique local IPv6', '[fd00::1]'],
  ['unique local IPv6, first half', '[fc00::1]'],
  ['link-local IPv6', '[fe80::1]'],
  ['site-local IPv6', '[fec0::1]'],
  ['multicast IPv6', '[ff02::1]'],
  ['documentation IPv6', '[2001:db8::1]'],
  ['second documentation IPv6', '[3fff::1]'],
  ['benchmark IPv6', '[2001:2::1]'],
  ['ORCHID', '[2001:20::1]'],
  ['discard', '[100::1]'],
  ['segment routing', '[5f00::1]'],
  ['IPv6 that nobody was given', '[4000::1]'],
]

const metadataServices: [kind: string, host: string][] = [
  ['AWS metadata', '169.254.169.254'],
  ['AWS metadata in decimal', '2852039166'],
  ['AWS metadata, mapped', '[::ffff:a9fe:a9fe]'],
  ['AWS metadata by NAT64', '[64:ff9b::a9fe:a9fe]'],
  ['AWS metadata by IPv6', '[fd00:ec2::254]'],
  ['AWS container credentials', '169.254.170.2'],
  ['Google metadata by IPv6', '[fd20:ce::254]'],
  ['Alibaba metadata', '100.100.100.200'],
  ['Oracle metadata', '192.0.0.192'],
  ['Azure wire server', '168.63.129.16'],
  ['Azure wire server, mapped', '[::ffff:168.63.129.16]'],
  ['Azure wire server in hexadecimal', '0xa83f8110'],
]

/** Addresses that are written into the URL. */
export const hostileLiterals: HostileAddress[] = [
  ...loopbackSpellings,
  ...innerNetworks,
  ...metadataServices,
].map(([kind, host]) => ({ kind, host }))

/** Names that resolve to each of these addresses, or to one of them among others. */
export const hostileNames: HostileAddress[] = [
  ...namesOf(hostileLiterals),
  { kind: 'localhost', host: 'localhost', answer: ['127.0.0.1', '::1'] },
  { kind: 'localhost with a trailing dot', host: 'localhost.', answer: ['127.0.0.1'] },
  { kind: 'localhost in capitals', host: 'LOCALHOST', answer: ['127.0.0.1'] },
  { kind: 'name below localhost', host: 'app.localhost', answer: ['127.0.0.1'] },
  { kind: 'Google metadata by name', host: 'metadata.google.internal', answer: ['169.254.169.254'] },
  { kind: 'mixed, the bad one last', host: 'last.example', answer: [publicAddress, '10.0.0.1'] },
  { kind: 'mixed, the bad one first', host: 'first.example', answer: ['10.0.0.1', publicAddress] },
  {
    kind: 'mixed, the bad one between',
    host: 'between.example',
    answer: [publicAddress, '127.0.0.1', '1.1.1.1'],
  },
  { kind: 'good A and bad AAAA', host: 'families.example', answer: [publicAddress, '::1'] },
  { kind: 'good AAAA and bad A', host: 'other-families.example', answer: ['2606:4700::1111', '127.0.0.1'] },
  { kind: 'compatible IPv4 as systems write it', host: 'compatible.example', answer: ['::127.0.0.1'] },
  { kind: 'the same of a public address', host: 'compatible-public.example', answer: ['::8.8.8.8'] },
  { kind: 'mapped IPv4 as systems write it', host: 'mapped.example', answer: ['::ffff:127.0.0.1'] },
  { kind: 'octal IPv4 in an answer', host: 'octal.example', answer: ['010.8.8.8'] },
  { kind: 'address with a zone', host: 'zone.example', answer: ['fe80::1%lo'] },
  { kind: 'good address with a zone', host: 'good-zone.example', answer: ['2606:4700::1111%lo'] },
  { kind: 'answer that is no address', host: 'none.example', answer: ['localhost'] },
]

function namesOf(literals: HostileAddress[]): HostileAddress[] {
  const byAddress = new Map(
    literals.map(({ kind, host }) => [
      new URL(`http://${host}`).hostname.replace(/^\[|\]$/g, ''),
      `name of ${kind}`,
    ]),
  )
  return [...byAddress].map(([address, kind], index) => ({
    kind,
    host: `inside-${index}.example`,
    answer: [address],
  }))
}
