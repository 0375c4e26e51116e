import { describe, expect, test } from 'vitest'
import { createAddressPolicy } from './address-policy.ts'

const nothingMore = createAddressPolicy([])

// The hostile ones are in the table of guard.test.ts; these are their neighbours on the other side of each border.
test.each([
  ['1.1.1.1', '8.8.8.8', '93.184.216.34', '223.255.255.255'],
  ['9.255.255.255', '11.0.0.0', '172.15.255.255', '172.32.0.0', '192.167.255.255', '192.169.0.0'],
  ['100.63.255.255', '100.128.0.0', '169.253.255.255', '169.255.0.0', '126.255.255.255', '128.0.0.0'],
  ['198.17.255.255', '198.20.0.0', '192.0.1.0', '192.0.3.0', '168.63.129.15', '168.63.129.17'],
  [
    '2001:4860:4860::8888',
    '2606:4700::1111',
    '2a00:1450:4001::1',
    '2001:db9::1',
    '2003::1',
    '::ffff:8.8.8.8',
  ],
])('what is public is allowed: %s and so on', (...addresses) => {
  expect(addresses.filter((address) => !nothingMore.allows(address))).toEqual([])
})

test.each([
  '',
  'localhost',
  '127.0.0.1/8',
  '2606:4700::1111%eth0',
  '8.8.8.8%eth0',
  '[2606:4700::1111]',
  '1:2',
])('%j is no address to connect to', (text) => {
  expect(nothingMore.allows(text)).toBe(false)
})

describe('a network that is named', () => {
  const policy = createAddressPolicy(['10.1.0.0/16', '169.254.169.254/32', 'fd00::/8', '64:ff9b::/96'])

  test.each(['10.1.255.255', '::ffff:10.1.0.1', '169.254.169.254', 'fd12::1', '64:ff9b::a00:1'])(
    'makes %s allowed',
    (address) => {
      expect(policy.allows(address)).toBe(true)
    },
  )

  test.each([
    '10.2.0.0',
    '10.0.255.255',
    '169.254.169.253',
    'fc00::1',
    'fd12::1%eth0',
    '::10.1.0.1',
    '2002:a01:1::1',
  ])('makes %s no more allowed than before', (address) => {
    expect(policy.allows(address)).toBe(false)
  })
})
