import { join } from 'node:path'
import { type Colour, paint } from '../calls/video-pattern.ts'
import { type Packet, readPackets, runMediaTool } from './media-tool.ts'

/** A picture and a sound that are encoded, for callers that send them over and over. */
export interface CannedMedia {
  colour: Colour
  toneHz: number
  /** A file of VP8, and the frames in it. */
  video: string
  videoFrames: Packet[]
  /** A file of Opus, likewise. */
  sound: string
  soundFrames: Packet[]
}

const pattern = { widthPx: 160, heightPx: 90, framesPerSecond: 15 }
/** Five times round of the pattern. */
const videoFrames = 40
/** No caller answers requests for key frames: who waits for one has the next so soon. */
const keyFrameEvery = 15
const soundSeconds = 2

/** Encodes a pattern and a tone that is a whole number of Hz. */
export async function makeCannedMedia(
  directory: string,
  colour: Colour,
  toneHz: number,
): Promise<CannedMedia> {
  const video = join(directory, `${colour}.ivf`)
  const sound = join(directory, `${toneHz}.ogg`)
  const pictures = Array.from(
    { length: videoFrames },
    (_, frame) => paint(frame, { ...pattern, colour }).data,
  )
  const { widthPx, heightPx, framesPerSecond } = pattern
  const input = `-f rawvideo -pix_fmt yuv420p -s ${widthPx}x${heightPx} -r ${framesPerSecond} -i pipe:0`
  const keyFrames = `-g ${keyFrameEvery} -keyint_min ${keyFrameEvery} -auto-alt-ref 0 -lag-in-frames 0`
  await runMediaTool(
    'ffmpeg',
    [...words(`${input} -c:v libvpx -b:v 150k ${keyFrames} -f ivf`), video],
    Buffer.concat(pictures),
  )
  const source = `aevalsrc=0.1*sin(2*PI*${toneHz}*t):s=48000:d=${soundSeconds}`
  const opus = words('-c:a libopus -b:a 32k -frame_duration 20 -page_duration 20000 -f ogg')
  await runMediaTool('ffmpeg', ['-f', 'lavfi', '-i', source, ...opus, sound])
  return {
    colour,
    toneHz,
    video,
    videoFrames: await readPackets(video),
    sound,
    soundFrames: await readPackets(sound),
  }
}

const words = (text: string) => text.split(' ')
