import { type Receiver, startReceiver } from '@rtcstack/testkit'
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { createOutbound } from './outbound.ts'
import { fakeNames } from './testing/fake-names.ts'
import { hostileLiterals, hostileNames, publicAddress } from './testing/hostile-addresses.ts'
import { watchConnections } from './testing/watch-connections.ts'

const flips = 1000
const parcel = { headers: {}, body: '{}' }
const names = Object.fromEntries(
  hostileNames.map(({ host, answer = [] }) => [new URL(`http://${host}`).hostname, answer]),
)

let watch: ReturnType<typeof watchConnections>
let canary: Receiver
let port: string

beforeEach(async () => {
  canary = await startReceiver()
  port = new URL(canary.url).port
  watch = watchConnections()
})

afterEach(async () => {
  watch[Symbol.dispose]()
  await canary.close()
})

function guarded(lookup = fakeNames(names), allowCidrs: string[] = []) {
  const outbound = createOutbound({ allowCidrs, lookup })
  onTestFinished(outbound.close)
  return outbound
}

describe('the watch', () => {
  test('sees who connects to loopback, and lets it', async () => {
    await fetch(canary.url, { method: 'POST' })
    expect(watch.attempts).toEqual([{ address: '127.0.0.1', port: Number(port) }])
    expect(canary.received).toHaveLength(1)
  })

  test('sees who connects elsewhere, and keeps it here', async () => {
    await expect(fetch(`http://${publicAddress}:${port}`)).rejects.toThrow()
    await expect(fetch(`http://[2606:4700::1111]:${port}`)).rejects.toThrow()
    expect(watch.attempts.map(({ address }) => address)).toEqual([publicAddress, '2606:4700::1111'])
  })

  test('sees a post of ours to every address that is allowed', async () => {
    const open = guarded(fakeNames({ 'canary.example': ['127.0.0.1'] }), ['127.0.0.0/8'])
    for (const host of ['127.0.0.1', 'canary.example'])
      expect(await open.post(`http://${host}:${port}/`, parcel)).toMatchObject({
        error: null,
        address: '127.0.0.1',
      })
    expect(await open.post(`http://${publicAddress}/`, parcel)).toMatchObject({ error: 'refused' })
    expect(watch.attempts.map(({ address }) => address)).toEqual(['127.0.0.1', '127.0.0.1', publicAddress])
    expect(canary.received).toHaveLength(2)
  })
})

describe.each(['http', 'https'])('%s', (protocol) => {
  test.each([...hostileLiterals, ...hostileNames])(
    'refuses $kind, $host, when it is given and when it is posted to',
    async ({ host }) => {
      const outbound = guarded()
      const [before, ...rest] = host.split('\\')
      const url = `${protocol}://${[`${before}:${port}`, ...rest].join('\\')}/`
      expect(await outbound.refusal(url)).toMatch(/WEBHOOK_ALLOW_CIDRS|must not carry a user name/)
      expect(await outbound.post(url, parcel)).toMatchObject({
        error: 'blocked',
        statusCode: null,
        address: null,
      })
      expect(watch.attempts).toEqual([])
      expect(canary.received).toEqual([])
    },
  )
})

test('localhost is refused as the system itself resolves it', async () => {
  const outbound = createOutbound({ allowCidrs: [] })
  onTestFinished(outbound.close)
  const url = `http://localhost:${port}/`
  expect(await outbound.refusal(url)).toContain('WEBHOOK_ALLOW_CIDRS')
  expect((await outbound.post(url, parcel)).error).toBe('blocked')
  expect(watch.attempts).toEqual([])
})

describe('a name that is bound anew', () => {
  test('after it was found good is refused when it is posted to, every time', async () => {
    let asked = 0
    const outbound = guarded(
      fakeNames({ 'flips.example': () => [asked++ % 2 === 0 ? publicAddress : '127.0.0.1'] }),
    )
    const url = `http://flips.example:${port}/`
    for (let flip = 0; flip < flips; flip++) {
      expect(await outbound.refusal(url)).toBeUndefined()
      expect((await outbound.post(url, parcel)).error).toBe('blocked')
    }
    expect(asked).toBe(2 * flips)
    expect(watch.attempts).toEqual([])
    expect(canary.received).toEqual([])
  })

  test('between look-ups is connected to by the very answer that was judged', async () => {
    let asked = 0
    const outbound = guarded(
      fakeNames({ 'flips.example': () => [asked++ % 2 === 0 ? publicAddress : '127.0.0.1'] }),
    )
    for (let flip = 0; flip < flips; flip++) {
      const { error } = await outbound.post(`http://flips.example:${port}/`, parcel)
      expect(error).toBe(flip % 2 === 0 ? 'refused' : 'blocked')
    }
    expect(asked).toBe(flips)
    expect(new Set(watch.attempts.map(({ address }) => address))).toEqual(new Set([publicAddress]))
    expect(watch.attempts).toHaveLength(flips / 2)
    expect(canary.received).toEqual([])
  })
})

test('what is allowed is that network in every form, and nothing beside it', async () => {
  const outbound = guarded(fakeNames({ 'both.example': ['10.1.2.3', '192.168.0.1'] }), ['10.0.0.0/8'])
  for (const host of ['10.1.2.3', '[::ffff:10.1.2.3]', '0x0a010203']) {
    expect(await outbound.refusal(`http://${host}/`)).toBeUndefined()
    expect((await outbound.post(`http://${host}/`, parcel)).error).toBe('refused')
  }
  expect(watch.attempts).toHaveLength(3)
  for (const host of ['11.0.0.1@10.1.2.3', '192.168.0.1', '169.254.169.254', '[::1]', 'both.example'])
    expect(await outbound.refusal(`http://${host}/`)).toBeDefined()
  for (const host of ['192.168.0.1', '169.254.169.254', '[::1]', 'both.example'])
    expect((await outbound.post(`http://${host}/`, parcel)).error).toBe('blocked')
  expect(watch.attempts).toHaveLength(3)
})
