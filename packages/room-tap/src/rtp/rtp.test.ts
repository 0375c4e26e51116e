import fc from 'fast-check'
import { expect, test } from 'vitest'
import { RtpHeader, RtpPacket } from 'werift'
import { readExtension, readRtp } from './rtp.ts'

const oneByteProfile = 0xbede
const twoByteProfile = 0x1000

/** A packet as werift writes it. */
const write = (header: Partial<RtpHeader>, payload: Buffer) =>
  new RtpPacket(new RtpHeader({ payloadType: 96, ...header }), payload).serialize()

test('a packet is read as it was written', () => {
  const word = fc.nat({ max: 0xffffffff })
  const fields = fc.record({
    ssrc: word,
    timestamp: word,
    sequenceNumber: fc.nat({ max: 0xffff }),
    marker: fc.boolean(),
  })
  const body = fc.uint8Array({ maxLength: 40 })
  const extension = fc.record({
    id: fc.integer({ min: 1, max: 14 }),
    payload: fc.uint8Array({ minLength: 1, maxLength: 16 }),
  })
  const extensions = fc.uniqueArray(extension, { maxLength: 4, selector: ({ id }) => id })
  const padding = fc.integer({ min: 0, max: 255 })
  const profile = fc.constantFrom(oneByteProfile, twoByteProfile)
  fc.assert(
    fc.property(
      fields,
      body,
      extensions,
      padding,
      profile,
      (header, bytes, added, paddingSize, extensionProfile) => {
        const payload = Buffer.from(bytes)
        const withBuffers = added.map((one) => ({ id: one.id, payload: Buffer.from(one.payload) }))
        const packet = write(
          { ...header, extensionProfile, extensions: withBuffers, padding: paddingSize > 0, paddingSize },
          payload,
        )
        expect(readRtp(packet)).toEqual({ ...header, payloadType: 96, payload })
        for (const { id, payload: value } of withBuffers) expect(readExtension(packet, id)).toEqual(value)
        expect(readExtension(packet, 15)).toBeUndefined()
      },
    ),
  )
})

test('nothing is read, and nothing fails, of what is no packet', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), fc.integer({ min: 0, max: 255 }), (bytes, id) => {
      const packet = Buffer.from(bytes)
      expect((readRtp(packet)?.payload.length ?? 0) + 12).toBeLessThanOrEqual(Math.max(12, packet.length))
      expect(readExtension(packet, id)?.length ?? 0).toBeLessThanOrEqual(packet.length)
    }),
  )
  expect(readRtp(Buffer.alloc(11))).toBeUndefined()
})
