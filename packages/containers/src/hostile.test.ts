import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Codec, MediaFrame } from './frame.ts'
import type { TapPacket } from './packet.ts'
import { readLayered, vp9Layers } from './testing/layers.ts'
import { packetsOf, vp9Payloads } from './testing/packetise.ts'
import { encodeStream, encodeTone } from './testing/streams.ts'
import { depacketise, writeFile } from './testing/tracks.ts'

const codecs: Codec[] = ['vp8', 'vp9', 'h264', 'av1', 'opus']
const runs = 300

/** All that may come of packets, whatever they are: frames in a file, no larger than what came in allows. */
function expectHarmless(codec: Codec, packets: TapPacket[]): void {
  const frames = depacketise(codec, packets)
  const received = packets.reduce((sum, { payload }) => sum + payload.length, 0)
  const made = frames.reduce((sum, { data }) => sum + data.length, 0)
  // Parameter sets are repeated, lengths and indexes added.
  expect(made).toBeLessThanOrEqual(received * 2 + frames.length * largestAddition(frames))
  for (const { isKey, width, height } of codec === 'opus' ? [] : frames)
    if (isKey) expect((width ?? 0) > 0 && (height ?? 0) > 0).toBe(true)
  writeFile(codec, frames)
}

const largestAddition = (frames: MediaFrame[]) =>
  64 + Math.max(0, ...frames.map(({ format }) => format?.codecPrivate?.length ?? 0))

const payload = fc.oneof(
  fc.uint8Array({ maxLength: 40 }),
  fc.uint8Array({ minLength: 1100, maxLength: 1200 }),
  // The heads that make depacketisers look further.
  fc
    .tuple(
      fc.constantFrom(0x10, 0x90, 0x18, 0x7c, 0x67, 0x68, 0x65, 0x8f, 0xaa, 0x0a, 0xff),
      fc.uint8Array({ maxLength: 60 }),
    )
    .map(([head, rest]) => Uint8Array.of(head, ...rest)),
)
const packet = fc.record({
  sequence: fc.integer({ min: 0, max: 2 ** 40 }),
  step: fc.constantFrom(0, 1, 1, 1, 2, 1000),
  tick: fc.constantFrom(0, 0, 3000, -3000, 2 ** 33),
  marker: fc.boolean(),
  payload: payload.map((bytes) => Buffer.from(bytes)),
})

test.each(codecs)('random packets of %s do no harm', (codec) => {
  fc.assert(
    fc.property(fc.array(packet, { maxLength: 40 }), (steps) => {
      let sequence = 0
      let timestamp = 0
      const packets = steps.map(({ step, tick, marker, payload }) => {
        sequence += step
        timestamp = Math.max(0, timestamp + tick)
        return { sequence, timestamp, marker, payload, capturedAtMs: 0 }
      })
      expectHarmless(codec, packets)
    }),
    { numRuns: runs },
  )
})

const mutation = fc.record({
  at: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
  where: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
  kind: fc.constantFrom('flip', 'set', 'cut', 'lose', 'repeat', 'swap'),
  value: fc.integer({ min: 0, max: 255 }),
})
type Mutation = typeof mutation extends fc.Arbitrary<infer Value> ? Value : never

function mutate(packets: TapPacket[], { at, where, kind, value }: Mutation): TapPacket[] {
  const index = Math.floor(at * packets.length)
  const chosen = packets[index]
  if (!chosen) return packets
  // Headers are where harm would be done, so half of the changes are near the start.
  const length = value % 2 === 0 ? Math.min(24, chosen.payload.length) : chosen.payload.length
  const offset = Math.floor(where * length)
  const bytes = Buffer.from(chosen.payload)
  const replace = (...others: TapPacket[]) => packets.toSpliced(index, 1, ...others)
  if (kind === 'lose') return replace()
  if (kind === 'repeat') return replace(chosen, chosen)
  if (kind === 'cut') return replace({ ...chosen, payload: bytes.subarray(0, offset) })
  if (kind === 'swap') return replace({ ...chosen, marker: !chosen.marker })
  if (bytes.length > 0)
    bytes[offset] = kind === 'set' ? value : (bytes[offset] as number) ^ (1 << (value & 7))
  return replace({ ...chosen, payload: bytes })
}

async function realPackets(codec: Codec): Promise<TapPacket[]> {
  if (codec === 'opus') return (await encodeTone({ seconds: 1 })).packets
  if (codec === 'vp9')
    return packetsOf(
      vp9Layers(readLayered('vp9')).map((layers, index) => vp9Payloads(layers, index % 2 === 0, index === 0)),
    )
  const encoder = codec === 'h264' ? 'h264 with B-frames' : codec
  return (await encodeStream(encoder, { size: '160x96', seconds: 1, keyEvery: 5 })).packets
}

test.each(codecs)(
  'packets of %s that were tampered with do no harm',
  async (codec) => {
    const packets = await realPackets(codec)
    fc.assert(
      fc.property(fc.array(mutation, { minLength: 1, maxLength: 12 }), (mutations) => {
        expectHarmless(codec, mutations.reduce(mutate, packets))
      }),
      { numRuns: runs },
    )
  },
  60_000,
)
