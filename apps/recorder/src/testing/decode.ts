import type { TimelineSpan } from '@rtcstack/contract'
import { type Colour, hasTone, look, nameColour, runMediaTool, type ToneHz } from '@rtcstack/testkit'

/** One is enough to tell a tone from those 100 Hz beside it. */
const windowMs = 20
const stepMs = 10
/** In a sound that is shorter, there may be no window that it fills. */
export const shortestToneMs = 60
/** A click, as where the publisher had no time to make sound, is no end of a tone. */
const clickMs = 150
/** Encoders leave frames out when they have little time. */
const framesApartMs = 700
export const samplesPerMs = 48
/** Where clocks differ, up to half a packet and what the shortest one lasts is put in, and nothing has been lost. */
const longestSlipMs = 12.5
/** Of one without a frame, or with one of digital silence. */
const emptyPacketBytes = 3
/** What pictures are scaled to. */
export const picture = { width: 320, height: 180 }

type KnownSpan = TimelineSpan & { untilMs: number }

/** Where a tone is in a sound file, by its own time stamps. */
export async function whereTone(file: string, toneHz: ToneHz): Promise<KnownSpan[]> {
  const samples = await decodeSound(file)
  const heardAt: number[] = []
  for (let atMs = 0; (atMs + windowMs) * samplesPerMs <= samples.length; atMs += stepMs)
    if (hasTone(toneHz, samples.subarray(atMs * samplesPerMs, (atMs + windowMs) * samplesPerMs)))
      heardAt.push(atMs)
  return spansOf(heardAt, clickMs, windowMs)
}

/** Where a colour is seen in a video file, by its own time stamps. */
export async function whereColour(file: string, colour: Colour): Promise<KnownSpan[]> {
  const seen = (await decodePictures(file)).filter(
    ({ data }) => nameColour(look({ data, ...picture })) === colour,
  )
  return spansOf(
    seen.map(({ atMs }) => atMs),
    framesApartMs,
    1_000 / 15,
  )
}

/** Where a sound file has packets that hold no sound, in place of some that did not come. */
export async function whereConcealed(file: string): Promise<KnownSpan[]> {
  const shown = 'packet=pts_time,duration_time,size'
  const packets = await runMediaTool('ffprobe', ['-show_entries', shown, '-of', 'csv=p=0', '-i', file])
  const empty = packets
    .toString()
    .split('\n')
    .map((line) => line.split(',').map(Number.parseFloat))
    .filter(([, , sizeBytes]) => (sizeBytes ?? Number.NaN) <= emptyPacketBytes)
  const spans: KnownSpan[] = []
  for (const [seconds = 0, lastsSeconds = 0] of empty) {
    const [fromMs, untilMs] = [seconds * 1_000, (seconds + lastsSeconds) * 1_000]
    const last = spans.at(-1)
    if (last && fromMs - last.untilMs < 1) last.untilMs = untilMs
    else spans.push({ fromMs, untilMs })
  }
  return spans.filter((span) => span.untilMs - span.fromMs > longestSlipMs)
}

/** The samples of a sound file, 48 a millisecond from the recording's start. Fails on anything that ffmpeg complains of. */
export async function decodeSound(file: string): Promise<Int16Array> {
  const resampled = ['-af', 'aresample=async=1:first_pts=0', '-ac', '1', '-f', 's16le', 'pipe:1']
  const raw = await runMediaTool('ffmpeg', ['-copyts', '-c:a', 'libopus', '-i', file, ...resampled])
  return new Int16Array(raw.buffer.slice(raw.byteOffset, raw.byteOffset + raw.length))
}

/** The pictures of a video file, in Y, U and V, and when they are shown. */
export async function decodePictures(file: string): Promise<{ atMs: number; data: Buffer }[]> {
  const scaled = ['-vf', `scale=${picture.width}:${picture.height}`, '-pix_fmt', 'yuv420p']
  const asSent = [
    '-fps_mode',
    'passthrough',
    '-enc_time_base',
    '1:90000',
    ...scaled,
    '-f',
    'rawvideo',
    'pipe:1',
  ]
  const [raw, times] = await Promise.all([
    runMediaTool('ffmpeg', ['-copyts', '-i', file, ...asSent]),
    runMediaTool('ffprobe', ['-show_entries', 'frame=pts_time', '-of', 'csv=p=0', '-i', file]),
  ])
  const lines = times.toString().split('\n').filter(Boolean)
  const frameBytes = picture.width * picture.height * 1.5
  if (raw.length !== lines.length * frameBytes)
    throw new Error(`${lines.length} frames in ${file}, and ${raw.length / frameBytes} decoded`)
  return lines.map((line, index) => ({
    atMs: Number.parseFloat(line) * 1_000,
    data: raw.subarray(index * frameBytes, (index + 1) * frameBytes),
  }))
}

function spansOf(times: number[], apartMs: number, lastsMs: number): KnownSpan[] {
  const spans: KnownSpan[] = []
  for (const atMs of times) {
    const last = spans.at(-1)
    if (last && atMs <= last.untilMs - lastsMs + apartMs) last.untilMs = atMs + lastsMs
    else spans.push({ fromMs: atMs, untilMs: atMs + lastsMs })
  }
  return spans
}
