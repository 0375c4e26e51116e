import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createOrderedStream, type OrderedPacket } from './ordered-stream.ts'
import { giveUpAfterMs } from './repair.ts'
import { audioPacket, opus } from './testing.ts'

/** A stream, what it delivered, and a network that loses, doubles and delays, but answers requests. */
function listen() {
  const out: string[] = []
  const stream = createOrderedStream({
    packet: ({ payload }: OrderedPacket) => out.push(payload.toString()),
    lost: (count) => out.push(`lost ${count}`),
    superfluous: () => undefined,
  })
  return { stream, out }
}

const networks = fc.array(
  fc.record({
    delayMs: fc.nat(60),
    isLost: fc.nat(9).map((n) => n === 0),
    isDoubled: fc.nat(9).map((n) => n === 0),
  }),
  { minLength: 5, maxLength: 200 },
)

test('lost packets are asked for and come in their place: all are delivered, once and in order', () => {
  fc.assert(
    fc.property(networks, fc.constantFrom(0, 65_500), (packets, sequence) => {
      const { stream, out } = listen()
      const events = packets.flatMap(({ delayMs, isLost, isDoubled }, index) => {
        const packet = audioPacket(index, { sequence })
        const atMs = 20 * index + delayMs
        // The last is never lost: nobody can know of it.
        if (isLost && index > 0 && index < packets.length - 1) return []
        return isDoubled
          ? [
              { atMs, packet },
              { atMs: atMs + 7, packet },
            ]
          : [{ atMs, packet }]
      })
      const answers: typeof events = []
      for (let nowMs = 0; nowMs < 20 * packets.length + giveUpAfterMs; nowMs++) {
        for (const event of [...events, ...answers])
          if (event.atMs === nowMs) stream.receive(event.packet, opus, nowMs)
        if (nowMs % 20 === 0)
          for (const number of stream.tick(nowMs)) {
            const index = (number - sequence + 0x10000) & 0xffff
            answers.push({ atMs: nowMs + 30, packet: audioPacket(index, { sequence }) })
          }
      }
      const first = out.length === 0 ? 0 : Number(out[0]?.split(' ')[1])
      expect(first).toBeLessThanOrEqual(3)
      expect(out).toEqual(packets.slice(first).map((_, index) => `audio ${first + index}`))
      expect(stream.isWaiting).toBe(false)
    }),
    { numRuns: 50 },
  )
})

test('what does not come is asked for a few times, then given up, and the rest goes on', () => {
  const { stream, out } = listen()
  for (const index of [0, 1, 4, 5]) stream.receive(audioPacket(index), opus, 0)
  stream.tick(60)
  let asked = 0
  for (let nowMs = 60; nowMs <= 60 + giveUpAfterMs; nowMs += 20) asked += stream.tick(nowMs).length
  expect(out).toEqual(['audio 0', 'audio 1', 'lost 2', 'audio 4', 'audio 5'])
  expect(asked).toBeGreaterThanOrEqual(6)
  expect(asked).toBeLessThanOrEqual(20)
})

test('nothing is delivered before it is sure what comes first', () => {
  const { stream, out } = listen()
  for (const index of [2, 0, 1]) stream.receive(audioPacket(index), opus, 0)
  expect(out).toEqual([])
  expect(stream.isWaiting).toBe(true)
  stream.tick(100)
  expect(out).toEqual(['audio 0', 'audio 1', 'audio 2'])
  expect(stream.isWaiting).toBe(false)
})

test('padding and the silence that LiveKit makes fill their place and are not delivered', () => {
  const { stream, out } = listen()
  const silence = Buffer.concat([Buffer.from('f8fffe', 'hex'), Buffer.alloc(77)])
  const payloads = [undefined, Buffer.alloc(0), silence, undefined]
  for (const [index, payload] of payloads.entries())
    stream.receive({ ...audioPacket(index), ...(payload && { payload }) }, opus, 0)
  stream.tick(100)
  expect(out).toEqual(['audio 0', 'audio 3'])
})

test('redundant audio fills what was lost before it, and is otherwise not heard twice', () => {
  const { stream, out } = listen()
  const red = { ...opus, isRed: true }
  const withCopies = (index: number) => {
    const payloads = [index - 2, index - 1, index].map((one) => Buffer.from(`audio ${one}`))
    const headers = payloads.slice(0, 2).map(({ length }, at) => {
      const header = Buffer.alloc(4, 0x80 | 111)
      header.writeUIntBE(((960 * (2 - at)) << 10) | length, 1, 3)
      return header
    })
    return { ...audioPacket(index), payload: Buffer.concat([...headers, Buffer.of(111), ...payloads]) }
  }
  stream.receive(withCopies(10), red, 0)
  stream.tick(60)
  for (const index of [11, 14, 13, 15, 19]) stream.receive(withCopies(index), red, 100)
  stream.tick(100 + giveUpAfterMs)
  expect(out).toEqual(
    [10, 11, 12, 13, 14, 15, 'lost', 17, 18, 19].map((n) => (n === 'lost' ? 'lost 1' : `audio ${n}`)),
  )
})

test('a sender that starts its numbers anew is heard again', () => {
  const { stream, out } = listen()
  for (let index = 0; index < 5; index++) stream.receive(audioPacket(index, { sequence: 20_000 }), opus, 0)
  stream.tick(60)
  for (let index = 0; index < 150; index++) stream.receive(audioPacket(index), opus, 100)
  stream.tick(200)
  expect(out.slice(0, 6)).toEqual(['audio 0', 'audio 1', 'audio 2', 'audio 3', 'audio 4', 'lost 1'])
  expect(out.at(-1)).toBe('audio 149')
})

test('what is held is bounded, whatever comes', () => {
  const { stream, out } = listen()
  stream.receive(audioPacket(0), opus, 0)
  stream.tick(60)
  for (let index = 2; index < 6_000; index++) stream.receive(audioPacket(index), opus, 61)
  expect(out.slice(0, 3)).toEqual(['audio 0', 'lost 1', 'audio 2'])
  expect(out.at(-1)).toBe('audio 5999')
})
