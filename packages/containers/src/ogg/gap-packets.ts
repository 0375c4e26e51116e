import { type OpusPacket, readOpusPacket } from '../bitstream/opus-packet.ts'

/** Opus has no shorter packet; 2.5 ms. */
export const shortestSamples = 120
/** Silence is not sent, but for a packet every 400 ms; so up to this a gap is a pause in speech, or a loss. */
const longestConcealed = 24_000
/** Of a longer gap, only as much is concealed as lets the sound fade. */
const fadeSamples = 4800
const celtFullband = 28
const silentFrame = Buffer.from([0xff, 0xfe])

/**
 * Packets that take the place of missing ones (RFC 7845, section 4.1.1), for a whole number of 2.5 ms. A packet without a frame
 * makes the decoder conceal: it goes on with what it heard, or with the noise of the room. That would hum for all of a long gap,
 * so the rest of one is digital silence.
 */
export function gapPackets(samples: number, before: OpusPacket): Buffer[] {
  const concealed = samples <= longestConcealed ? samples : fadeSamples
  const channels = before.contents & 4
  return [
    ...split(concealed, before.frameSamples).map((frame) =>
      Buffer.from([frame === before.frameSamples ? before.contents & 0xfc : celtContents(frame, channels)]),
    ),
    ...split(samples - concealed).map((frame) =>
      Buffer.concat([Buffer.from([celtContents(frame, channels)]), silentFrame]),
    ),
  ]
}

/** Frame sizes that make up a length, the longest first. */
function split(samples: number, longest = 960): number[] {
  const frames: number[] = []
  let rest = samples
  for (const frame of [longest, 960, 480, 240, shortestSamples].filter((size) => size <= longest)) {
    while (rest >= frame) {
      frames.push(frame)
      rest -= frame
    }
  }
  return frames
}

function celtContents(frameSamples: number, channels: number): number {
  return ((celtFullband + Math.log2(frameSamples / shortestSamples)) << 3) | channels
}

/** Samples of a packet that is known to be one. */
export const samplesOf = (packet: Buffer) => readOpusPacket(packet)?.samples ?? 0
