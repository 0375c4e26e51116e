import { expect, test } from 'vitest'
import { type ServerConfigOptions, serverConfig } from './server-config.ts'

const configWith = (changes: Partial<ServerConfigOptions>) =>
  serverConfig({
    port: 40_000,
    udpPort: 7882,
    publicHost: false,
    nodeIp: undefined,
    apiKey: 'key',
    apiSecret: 'secret',
    webhookUrl: 'http://127.0.0.1:3000/internal/livekit',
    ...changes,
  })

test.each([true, false])('signalling stays on loopback, public host or not (%s)', (publicHost) => {
  const { port, bind_addresses } = configWith({ publicHost })
  expect({ port, bind_addresses }).toEqual({ port: 40_000, bind_addresses: ['127.0.0.1'] })
})

test.each([true, false])(
  'media have one UDP port and nothing else, public host or not (%s)',
  (publicHost) => {
    const config = configWith({ publicHost })
    expect(config.rtc).toMatchObject({ udp_port: 7882, tcp_port: 0 })
    expect(config).not.toHaveProperty('turn')
    expect(config).not.toHaveProperty('prometheus')
  },
)

test('a host on loopback has its media on loopback too, whatever address is named', () => {
  expect(configWith({ nodeIp: '203.0.113.7' }).rtc).toMatchObject({
    node_ip: '127.0.0.1',
    ips: { includes: ['127.0.0.1/32'] },
    enable_loopback_candidate: true,
  })
})

test('a public host sends callers to the address that is named, over any network of the machine', () => {
  const { rtc } = configWith({ publicHost: true, nodeIp: '203.0.113.7' })
  expect(rtc).toMatchObject({ node_ip: '203.0.113.7' })
  expect(rtc).not.toHaveProperty('ips')
})

test('a public host without a named address leaves it to LiveKit to find one of the machine’s', () => {
  const { rtc } = configWith({ publicHost: true })
  expect(rtc).not.toHaveProperty('node_ip')
  expect(rtc).not.toHaveProperty('ips')
})

test.each([true, false])('nobody outside is asked for an address, public host or not (%s)', (publicHost) => {
  const { rtc } = configWith({ publicHost })
  expect(rtc.use_external_ip).toBe(false)
  expect(rtc.stun_servers).toEqual([expect.stringMatching(/^127\.0\.0\.1:/)])
})

test('LiveKit tells its events where it is told to, signed with its key', () => {
  const { keys, webhook } = configWith({})
  expect(keys).toEqual({ key: 'secret' })
  expect(webhook).toEqual({ api_key: 'key', urls: ['http://127.0.0.1:3000/internal/livekit'] })
})

test('moderators can unmute, and a room is made by the first who joins', () => {
  expect(configWith({}).room).toEqual({ auto_create: true, enable_remote_unmute: true })
})

test('names may have 256 characters of four bytes each, and metadata 64 KiB', () => {
  expect(configWith({}).limit).toEqual({
    max_metadata_size: 65_536,
    max_attributes_size: 65_536,
    max_room_name_length: 1024,
    max_participant_identity_length: 1024,
    max_participant_name_length: 1024,
  })
})
