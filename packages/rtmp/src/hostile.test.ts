import { randomBytes } from 'node:crypto'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { eventually } from '@rtcstack/testkit'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { writeAmf } from './amf/write.ts'
import { defaultLimits } from './limits.ts'
import { createSession } from './session.ts'
import {
  audioBody,
  audioConfigBody,
  chunksOf,
  commandBytes,
  connectBytes,
  helloBytes,
  mediaBytes,
  openingBytes,
  publishBytes,
  videoBody,
  videoConfigBody,
} from './testing/publisher-bytes.ts'
import { messageTypes } from './wire/message.ts'

const messages = 100_000
const mostKeptBytes = 8 * 1024 * 1024

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

const whole = fc.constantFrom(
  connectBytes(),
  publishBytes('a-key'),
  commandBytes('deleteStream', 0, null, 1),
  commandBytes('play', 0, null, 'a-key'),
  mediaBytes('audio', audioConfigBody),
  mediaBytes('audio', audioBody, 20),
  mediaBytes('video', videoConfigBody),
  mediaBytes('video', videoBody([Buffer.alloc(300, 0x65)], { isKey: true }), 33),
  mediaBytes('video', videoBody([Buffer.alloc(9, 0x41)], { offsetMs: 40 }), 0xfffffff),
  chunksOf({ type: messageTypes.data, payload: writeAmf('@setDataFrame', 'onMetaData', { width: 640 }) }),
  chunksOf({ type: messageTypes.setChunkSize, payload: Buffer.from([0, 0, 16, 0]) }, { chunkStreamId: 2 }),
  chunksOf(
    { type: messageTypes.userControl, payload: Buffer.from([0, 6, 0, 0, 0, 1]) },
    { chunkStreamId: 2 },
  ),
)

const mutated = fc
  .tuple(whole, fc.array(fc.tuple(fc.nat(400), fc.nat(255)), { minLength: 1, maxLength: 6 }))
  .map(([bytes, changes]) => {
    const copy = Buffer.from(bytes)
    for (const [at, value] of changes) copy[at % copy.length] = value
    return copy
  })

const random = fc
  .tuple(fc.nat(25), fc.uint8Array({ maxLength: 200 }), fc.integer({ min: 2, max: 8 }))
  .map(([type, payload, chunkStreamId]) =>
    chunksOf({ type, payload: Buffer.from(payload) }, { chunkStreamId }),
  )

const noise = fc.uint8Array({ maxLength: 64 }).map((bytes) => Buffer.from(bytes))

const stream = fc.record({
  opening: fc.constantFrom(
    Buffer.alloc(0),
    helloBytes,
    Buffer.concat([helloBytes, connectBytes()]),
    openingBytes(),
  ),
  sent: fc.array(fc.oneof(whole, mutated, random, noise), { minLength: 5, maxLength: 15 }),
  cutBytes: fc.integer({ min: 1, max: 4_000 }),
})

test('whatever a peer sends, its session ends in good order or goes on, and keeps no memory', {
  timeout: 120_000,
}, async () => {
  const perStream = 10
  let seen = 0
  const run = ({ opening, sent, cutBytes }: typeof stream extends fc.Arbitrary<infer T> ? T : never) => {
    const session = createSession(defaultLimits, randomBytes)
    const bytes = Buffer.concat([opening, ...sent])
    for (let at = 0; at < bytes.length; at += cutBytes)
      for (let effects = session.take(bytes.subarray(at, at + cutBytes)); effects.length > 0; ) {
        const isAsked = effects.at(-1)?.type === 'ask'
        effects = isAsked ? session.accept() : []
      }
    seen += sent.length
  }
  const assert = (numRuns: number) =>
    fc.assert(
      fc.property(stream, (one) => void run(one)),
      { numRuns },
    )
  const keptBytes = () => {
    collect()
    const { heapUsed, external } = process.memoryUsage()
    return heapUsed + external
  }
  // What the first need for code and caches is not counted.
  assert(500)
  const before = keptBytes()
  assert(messages / perStream)
  expect(seen).toBeGreaterThan(messages * 0.9)
  // Memory of buffers is given back by another thread, a moment after the collection.
  await eventually(() => expect(keptBytes() - before).toBeLessThan(mostKeptBytes))
})
