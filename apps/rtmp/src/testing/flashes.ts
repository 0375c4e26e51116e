import {
  AudioStream,
  type RemoteTrack,
  RoomEvent,
  TrackKind,
  VideoBufferType,
  VideoStream,
} from '@livekit/rtc-node'
import type { Caller } from '@rtcstack/testkit'

/** A second of black that begins with a white flash, and of silence that begins with a beep, over and over. */
export const flashInput = [
  ...[
    '-re',
    '-f',
    'lavfi',
    '-i',
    "color=black:s=640x360:r=30,drawbox=c=white:t=fill:enable='lt(mod(t\\,1)\\,0.1)',format=yuv420p",
  ],
  ...['-re', '-f', 'lavfi', '-i', "aevalsrc='if(lt(mod(t\\,1)\\,0.1)\\,0.5*sin(2*PI*1000*t)\\,0)':s=48000"],
]

/** When a caller saw flashes and heard beeps begin, in milliseconds. */
export interface Perceived {
  flashes: number[]
  beeps: number[]
}

const sampleRate = 48_000
const frameSizeMs = 10
const brightLuma = 120
const loudSample = 3_000
const betweenBeepsMs = 300

/** Looks and listens from the next tracks on, until the caller leaves. */
export function perceive(caller: Caller): Perceived {
  const perceived: Perceived = { flashes: [], beeps: [] }
  caller.room.on(RoomEvent.TrackSubscribed, (track) => {
    if (track.kind === TrackKind.KIND_VIDEO) void watch(track, perceived.flashes)
    else void listen(track, perceived.beeps)
  })
  return perceived
}

async function watch(track: RemoteTrack, flashes: number[]): Promise<void> {
  let wasBright = false
  for await (const { frame } of new VideoStream(track)) {
    const { data, width, height } =
      frame.type === VideoBufferType.I420 ? frame : frame.convert(VideoBufferType.I420)
    const isBright = (data[(width * height) / 2] ?? 0) > brightLuma
    if (isBright && !wasBright) flashes.push(performance.now())
    wasBright = isBright
  }
}

async function listen(track: RemoteTrack, beeps: number[]): Promise<void> {
  let loudAt = Number.NEGATIVE_INFINITY
  for await (const { data } of new AudioStream(track, { sampleRate, numChannels: 1, frameSizeMs })) {
    const first = data.findIndex((sample) => Math.abs(sample) > loudSample)
    if (first < 0) continue
    const now = performance.now()
    if (now - loudAt > betweenBeepsMs) beeps.push(now - frameSizeMs + (1000 * first) / sampleRate)
    loudAt = now
  }
}

/** How much later than each flash its beep was heard; below zero where it was earlier. */
export function offsetsOf({ flashes, beeps }: Perceived): number[] {
  return flashes
    .map(
      (flash) => beeps.map((beep) => beep - flash).sort((one, other) => Math.abs(one) - Math.abs(other))[0],
    )
    .filter((offset): offset is number => offset !== undefined && Math.abs(offset) < 500)
}
