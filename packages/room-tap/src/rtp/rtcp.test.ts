import { expect, test } from 'vitest'
import {
  type GenericNack,
  type ReceiverEstimatedMaxBitrate,
  RtcpPacketConverter,
  type RtcpRrPacket,
} from 'werift'
import { writeEstimate, writeNack, writePictureLoss, writeReceiverReports } from './rtcp.ts'

const read = (packet: Buffer) => RtcpPacketConverter.deSerialize(packet)[0] as never

test('packets that are asked for again are named, over the wrap too', () => {
  const asked = [65_530, 65_531, 65_535, 0, 3, 900]
  const { feedback } = read(writeNack(9, asked)) as { feedback: GenericNack }
  expect(feedback.mediaSourceSsrc).toBe(9)
  expect(feedback.lost).toEqual(asked)
})

test('more reports than fit into one packet go in several', () => {
  const report = {
    fractionLost: 1,
    packetsLost: 2,
    highestSequence: 3,
    jitter: 4,
    lastReport: 5,
    sinceLastReport: 6,
  }
  const packets = writeReceiverReports(Array.from({ length: 70 }, (_, ssrc) => ({ ssrc, ...report })))
  const ssrcs = packets.flatMap((packet) => (read(packet) as RtcpRrPacket).reports.map(({ ssrc }) => ssrc))
  expect(packets.length).toBe(3)
  expect(ssrcs).toEqual([...Array(70).keys()])
})

test('an estimate keeps its first bits, however large', () => {
  for (const bitsPerSecond of [1, 300_000, 262_143, 262_144, 100_000_000]) {
    const { feedback } = read(writeEstimate(bitsPerSecond, [1, 2])) as {
      feedback: ReceiverEstimatedMaxBitrate
    }
    expect(Math.abs(Number(feedback.bitrate) - bitsPerSecond)).toBeLessThanOrEqual(bitsPerSecond / 100_000)
    expect(feedback.ssrcFeedbacks).toEqual([1, 2])
  }
})

test('a key frame is asked for of one stream', () => {
  expect(read(writePictureLoss(9))).toMatchObject({ feedback: { mediaSsrc: 9 } })
})
