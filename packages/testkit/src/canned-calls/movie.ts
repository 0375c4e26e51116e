import { rms, shareAt } from '../calls/tone.ts'
import { type Colour, look, nameColour } from '../calls/video-pattern.ts'
import { runMediaTool } from './media-tool.ts'

/** What a movie should be. */
export interface ExpectedMovie {
  durationMs: number
  framesPerSecond: number
  colours: Colour[]
  tonesHz: number[]
}

const durationToleranceMs = 300
const picture = { width: 320, height: 180 }
/** Of a tile that lies in one of four quarters, what neither its border nor its label is in. */
const middle = { width: 80, height: 44 }
const looksAt = [0.25, 0.5, 0.9]
const listenSeconds = 0.2

/** What is wrong with a movie of a call of up to four who were there from its beginning to its end. */
export async function faultsOfMovie(file: string, expected: ExpectedMovie): Promise<string[]> {
  const { durationMs, framesPerSecond, colours, tonesHz } = expected
  const faults: string[] = []
  const shown = ['-count_packets', '-show_entries', 'stream=codec_name,nb_read_packets:format=duration']
  const probed = JSON.parse((await runMediaTool('ffprobe', [...shown, '-of', 'json', file])).toString()) as {
    streams: { codec_name: string; nb_read_packets: string }[]
    format: { duration: string }
  }
  const codecs = probed.streams.map(({ codec_name }) => codec_name).join()
  if (codecs !== 'h264,aac') faults.push(`it holds ${codecs}`)
  const lastsMs = Number(probed.format.duration) * 1_000
  if (Math.abs(lastsMs - durationMs) > durationToleranceMs)
    faults.push(`it lasts ${lastsMs} ms, and what was recorded ${durationMs}`)
  const frames = Number(probed.streams[0]?.nb_read_packets)
  if (Math.abs(frames - (durationMs * framesPerSecond) / 1_000) > 2) faults.push(`it has ${frames} frames`)
  for (const share of looksAt) {
    const seconds = (durationMs * share) / 1_000
    const seen = await coloursAt(file, seconds, colours.length)
    if (seen.sort().join() !== colours.toSorted().join())
      faults.push(`at ${seconds} s it shows ${seen.join()}`)
    const samples = await soundAt(file, seconds)
    const unheard = tonesHz.filter((toneHz) => shareAt(toneHz, samples) < 0.5 / tonesHz.length)
    if (unheard.length > 0 || rms(samples) < 0.01) faults.push(`at ${seconds} s ${unheard} Hz are not heard`)
  }
  return faults
}

/** The colours of the middles of the four quarters; of fewer tiles, those that are there. */
async function coloursAt(file: string, seconds: number, tiles: number): Promise<string[]> {
  const { width, height } = picture
  const output = ['-frames:v', '1', '-vf', `scale=${width}:${height}`, '-pix_fmt', 'yuv420p']
  const raw = await runMediaTool('ffmpeg', [
    ...['-ss', String(seconds), '-i', file],
    ...[...output, '-f', 'rawvideo', 'pipe:1'],
  ])
  const quarters = [0, 1, 2, 3].map((quarter) => ({
    left: (quarter % 2) * (width / 2) + (width / 2 - middle.width) / 2,
    top: Math.floor(quarter / 2) * (height / 2) + (height / 2 - middle.height) / 2,
  }))
  return quarters
    .slice(0, tiles)
    .map((place) => nameColour(look({ data: crop(raw, place), ...middle })) ?? 'nothing')
}

function crop(picturesData: Uint8Array, { left, top }: { left: number; top: number }): Uint8Array {
  const { width, height } = picture
  const planes = [
    { from: 0, stride: width, scale: 1 },
    { from: width * height, stride: width / 2, scale: 2 },
    { from: width * height * 1.25, stride: width / 2, scale: 2 },
  ]
  const rows = planes.flatMap(({ from, stride, scale }) =>
    Array.from({ length: middle.height / scale }, (_, row) => {
      const start = from + (Math.floor(top / scale) + row) * stride + Math.floor(left / scale)
      return picturesData.subarray(start, start + middle.width / scale)
    }),
  )
  return Buffer.concat(rows)
}

async function soundAt(file: string, seconds: number): Promise<Int16Array> {
  const span = ['-ss', String(seconds), '-t', String(listenSeconds), '-i', file]
  const raw = await runMediaTool('ffmpeg', [
    ...span,
    ...['-vn', '-ac', '1', '-ar', '48000', '-f', 's16le', 'pipe:1'],
  ])
  return new Int16Array(raw.buffer.slice(raw.byteOffset, raw.byteOffset + raw.length))
}
