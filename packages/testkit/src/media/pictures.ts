import type { Picture } from '../calls/video-pattern.ts'
import { run } from './run.ts'

/** In pixels of the picture that it is a part of. */
export interface Rectangle {
  x: number
  y: number
  width: number
  height: number
}

export interface ReadPicturesOptions {
  /** What the pictures are scaled to; even. */
  width: number
  height: number
  /** Every so many frames one is taken, the first one first; each of them unless told. */
  every?: number
}

/** A picture of a file, and its place in time. */
export interface TimedPicture extends Picture {
  atMs: number
}

/** Decodes pictures of a file, at the times that the file has for them. */
export async function readPictures(
  file: string,
  { width, height, every = 1 }: ReadPicturesOptions,
): Promise<TimedPicture[]> {
  const filter = `select='not(mod(n,${every}))',scale=${width}:${height}`
  const asTimed = ['-fps_mode', 'passthrough', '-enc_time_base', '1:90000', '-pix_fmt', 'yuv420p']
  const [bytes, times] = await Promise.all([
    run('ffmpeg', ['-copyts', '-i', file, '-an', '-vf', filter, ...asTimed, '-f', 'rawvideo', 'pipe:1']),
    frameTimesOf(file),
  ])
  const size = width * height * 1.5
  const timesMs = times.filter((_, index) => index % every === 0)
  if (bytes.length !== timesMs.length * size)
    throw new Error(`${timesMs.length} frames in ${file}, and ${bytes.length / size} decoded`)
  return timesMs.map((atMs, index) => ({
    atMs,
    width,
    height,
    data: bytes.subarray(index * size, (index + 1) * size),
  }))
}

/** The time of each frame of a file, in milliseconds. */
export async function frameTimesOf(file: string): Promise<number[]> {
  const asked = ['-select_streams', 'v:0', '-show_entries', 'frame=pts_time', '-of', 'csv=p=0']
  const lines = (await run('ffprobe', [...asked, '-i', file])).toString().split('\n')
  return lines.filter(Boolean).map((line) => Number.parseFloat(line) * 1_000)
}

/** A part of a picture; what is asked for is widened to even pixels. */
export function cut({ data, width, height }: Picture, rectangle: Rectangle): Picture {
  const [left, top] = [rectangle.x, rectangle.y].map((place) => Math.floor(place / 2) * 2) as [number, number]
  const [columns, rows] = [rectangle.width, rectangle.height].map((length) => Math.floor(length / 2) * 2) as [
    number,
    number,
  ]
  const part = new Uint8Array(columns * rows * 1.5)
  let filled = 0
  const copy = (from: number, stride: number, x: number, y: number, wide: number, high: number) => {
    for (let row = 0; row < high; row++) {
      const start = from + (y + row) * stride + x
      part.set(data.subarray(start, start + wide), filled)
      filled += wide
    }
  }
  copy(0, width, left, top, columns, rows)
  for (const plane of [width * height, width * height * 1.25])
    copy(plane, width / 2, left / 2, top / 2, columns / 2, rows / 2)
  return { data: part, width: columns, height: rows }
}
