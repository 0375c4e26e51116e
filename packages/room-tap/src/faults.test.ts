import { randomUUID } from 'node:crypto'
import { type Caller, eventually, joinCall } from '@rtcstack/testkit'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { startsKeyFrame } from './stream/key-frame.ts'
import { openRoomTap } from './tap.ts'
import { type LiveKit, startLiveKit } from './testing/livekit.ts'
import { quietLog as log } from './testing/quiet-log.ts'
import { startSignalProxy } from './testing/signal-proxy.ts'
import { startUdpProxy } from './testing/udp-proxy.ts'
import { createWitness, type Witness } from './testing/witness.ts'

let livekit: LiveKit
beforeEach(async () => {
  livekit = await startLiveKit()
}, 30_000)
afterEach(() => livekit[Symbol.asyncDispose]())

const joins = async (identity: string, room: string): Promise<Caller> =>
  joinCall({
    url: livekit.url,
    token: await livekit.token(identity, room),
    publish: { audio: 440, video: 'red' },
  })

async function taps(room: string, url = livekit.url, witness = createWitness()) {
  const tap = openRoomTap({ url, token: await livekit.recorderToken(room), listener: witness.listener, log })
  return { tap, witness, [Symbol.asyncDispose]: tap.close }
}

const packetsOf = (witness: Witness, identity: string) => {
  try {
    return witness.track(identity, 'camera').packets + witness.track(identity, 'microphone').packets
  } catch {
    return 0
  }
}
const flows = (witness: Witness, identity: string, more = 30, timeoutMs = 20_000) => {
  const before = packetsOf(witness, identity)
  return eventually(() => packetsOf(witness, identity) >= before + more, {
    timeoutMs,
    message: `${identity}'s media`,
  })
}
const forMs = (ms: number) => {
  const from = performance.now()
  return eventually(() => performance.now() - from >= ms, { timeoutMs: ms + 1_000 })
}

test('with 2 % of packets lost and 30 ms of jitter, everything is repaired and in order', async () => {
  const room = randomUUID()
  await using udp = await startUdpProxy({ targetPort: livekit.udpPort })
  await using signal = await startSignalProxy({ targetUrl: livekit.url, mediaPort: udp.port })
  await using ada = await joins('ada', room)
  await using bob = await joins('bob', room)
  await using tapped = await taps(room, signal.url)
  const { witness } = tapped
  await Promise.all([flows(witness, ada.identity), flows(witness, bob.identity)])
  expect(udp.counts.passed).toBeGreaterThan(0)
  udp.set({ lossShare: 0.02, jitterMs: 30 })
  await forMs(20_000)
  udp.set({ lossShare: 0, jitterMs: 0 })
  await Promise.all([flows(witness, ada.identity), flows(witness, bob.identity)])
  expect(udp.counts.lost).toBeGreaterThan(20)
  expect(witness.faults).toEqual([])
  const { packets, lostPackets } = witness.totals
  expect(packets / (packets + lostPackets)).toBeGreaterThanOrEqual(0.999)
}, 60_000)

test('what is lost beyond repair is told, and a key frame comes by itself', async () => {
  const room = randomUUID()
  await using udp = await startUdpProxy({ targetPort: livekit.udpPort })
  await using signal = await startSignalProxy({ targetUrl: livekit.url, mediaPort: udp.port })
  await using _ada = await joins('ada', room)
  const seen: { sequence: number; isKey: boolean }[] = []
  const witness = createWitness(({ kind }, { sequence, payload }) => {
    if (kind === 'video') seen.push({ sequence, isKey: startsKeyFrame(payload, 'video/VP8') })
  })
  await using _tapped = await taps(room, signal.url, witness)
  await flows(witness, 'ada')
  // LiveKit sends a packet again three times at most, and most of these are lost as well.
  udp.set({ lossShare: 0.7, jitterMs: 0 })
  await eventually(() => witness.track('ada', 'camera').lostPackets > 0)
  udp.set({ lossShare: 0, jitterMs: 0 })
  const isWhole = () => {
    const gapAt = seen.findLastIndex(({ sequence }, at) => sequence !== (seen[at - 1]?.sequence ?? -1) + 1)
    return seen.slice(gapAt).some(({ isKey }) => isKey)
  }
  await eventually(isWhole, { message: 'a key frame after the last gap' })
  await flows(witness, 'ada')
  expect(witness.faults).toEqual([])
  expect(witness.told).not.toContain('disconnected')
}, 60_000)

test('signalling that is cut is taken up again, and not a packet is missing', async () => {
  const room = randomUUID()
  await using signal = await startSignalProxy({ targetUrl: livekit.url })
  await using ada = await joins('ada', room)
  const eve = await joins('eve', room)
  await using tapped = await taps(room, signal.url)
  const { witness } = tapped
  await Promise.all([flows(witness, 'ada'), flows(witness, 'eve')])
  signal.cut()
  await eventually(() => witness.told.includes('disconnected'))
  // What happens meanwhile is told afterwards.
  await eve.leave()
  await using _bob = await joins('bob', room)
  await flows(witness, 'ada')
  signal.mend()
  await eventually(() => witness.told.filter((one) => one === 'connected').length === 2)
  expect(signal.connections.resumed).toBe(1)
  await eventually(() => witness.told.includes('left eve'))
  await flows(witness, 'bob')
  await flows(witness, 'ada')
  // A track that comes after all is negotiated as ever.
  await using _dan = await joins('dan', room)
  await flows(witness, 'dan')
  expect(witness.track('ada', 'microphone').lostPackets + witness.track('ada', 'camera').lostPackets).toBe(0)
  expect(ada.room.isRecording).toBe(true)
  expect(witness.faults).toEqual([])
}, 60_000)

test('media that is cut off for good is noticed, and the tap comes in anew', async () => {
  const room = randomUUID()
  await using udp = await startUdpProxy({ targetPort: livekit.udpPort })
  await using signal = await startSignalProxy({ targetUrl: livekit.url, mediaPort: udp.port })
  await using _ada = await joins('ada', room)
  await using tapped = await taps(room, signal.url)
  const { witness } = tapped
  await flows(witness, 'ada')
  udp.set({ lossShare: 1, jitterMs: 0 })
  await eventually(() => witness.told.includes('disconnected'), { timeoutMs: 40_000 })
  udp.set({ lossShare: 0, jitterMs: 0 })
  await flows(witness, 'ada', 30, 30_000)
  expect(witness.totals.gaps).toBe(2)
  expect(witness.faults).toEqual([])
}, 120_000)
