import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { ProtectionProfileAeadAes128Gcm, RtpHeader, SrtpSession } from 'werift'
import { readRtp } from './rtp.ts'
import { createSrtpReceiver } from './srtp.ts'

/** A sender of werift's, and a receiver of ours with its keys. */
function pair() {
  const masterKey = randomBytes(16)
  const masterSalt = randomBytes(12)
  const sender = new SrtpSession({
    profile: ProtectionProfileAeadAes128Gcm,
    keys: {
      localMasterKey: masterKey,
      localMasterSalt: masterSalt,
      remoteMasterKey: masterKey,
      remoteMasterSalt: masterSalt,
    },
  })
  const open = createSrtpReceiver({ masterKey, masterSalt })
  const seal = (number: number, ssrc = 1) => {
    const header = new RtpHeader({
      ssrc,
      sequenceNumber: number & 0xffff,
      payloadType: 96,
      marker: number % 2 === 0,
    })
    return sender.encrypt(Buffer.from(`payload ${number}`), header)
  }
  const read = (packet: Buffer) => {
    const opened = open(packet)
    return opened && readRtp(opened)?.payload.toString()
  }
  return { seal, read }
}

test('each stream is decrypted, also over the wrap of its numbers and out of order', () => {
  const { seal, read } = pair()
  const sealed = Array.from({ length: 400 }, (_, index) => 65_300 + index).map((number) => ({
    number,
    packets: [seal(number), seal(number, 2)],
  }))
  // Each ten backwards.
  const shuffled = sealed.flatMap((_, at) => (at % 10 === 0 ? sealed.slice(at, at + 10).reverse() : []))
  for (const { number, packets } of shuffled)
    for (const packet of packets) expect(read(packet)).toBe(`payload ${number}`)
})

test('thousands of packets lost where the numbers wrap lose no more than these', () => {
  const { seal, read } = pair()
  const all = Array.from({ length: 12_000 }, (_, index) => ({
    number: 60_000 + index,
    packet: seal(60_000 + index),
  }))
  for (const { number, packet } of [...all.slice(0, 2_000), ...all.slice(-2_000)])
    expect(read(packet)).toBe(`payload ${number}`)
})

test('a stream whose first packets were lost at the wrap is decrypted', () => {
  const { seal, read } = pair()
  const all = Array.from({ length: 200 }, (_, index) => seal(65_500 + index))
  expect(all.slice(100).map(read)).toEqual(all.slice(100).map((_, index) => `payload ${65_600 + index}`))
})

test('what was changed on its way, or is too short, is not taken, and harms nothing', () => {
  const { seal, read } = pair()
  const [first, second] = [seal(1), seal(2)]
  for (let at = 0; at < first.length; at++) {
    const changed = Buffer.from(first)
    changed[at] = (changed[at] ?? 0) ^ 1
    expect(read(changed)).toBeUndefined()
    expect(read(first.subarray(0, at))).toBeUndefined()
  }
  expect([read(first), read(second)]).toEqual(['payload 1', 'payload 2'])
})
