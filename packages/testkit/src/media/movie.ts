import { open } from 'node:fs/promises'
import { run } from './run.ts'

/** What a file of a recording is, as ffprobe has it. */
export interface MovieFacts {
  durationMs: number
  video: {
    codec: string
    profile: string
    pixelFormat: string
    width: number
    height: number
    /** The nominal rate, which is the mean one too where it is constant. */
    framesPerSecond: number
    meanFramesPerSecond: number
  }
  audio: { codec: string; sampleRateHz: number }
  /** The kinds of the boxes at the top of the file, in their order: moov before mdat lets players begin at once. */
  boxes: string[]
}

export async function probeMovie(file: string): Promise<MovieFacts> {
  const [probed, boxes] = await Promise.all([
    run('ffprobe', ['-show_format', '-show_streams', '-of', 'json', '-i', file]),
    boxesOf(file),
  ])
  const { format, streams } = JSON.parse(probed.toString()) as {
    format: Record<string, string>
    streams: Record<string, string>[]
  }
  const ofType = (type: string) => {
    const found = streams.find((stream) => stream.codec_type === type)
    if (!found) throw new Error(`${file} has no ${type}`)
    return found
  }
  const [video, audio] = [ofType('video'), ofType('audio')]
  return {
    durationMs: Number(format.duration) * 1_000,
    video: {
      codec: video.codec_name ?? '',
      profile: video.profile ?? '',
      pixelFormat: video.pix_fmt ?? '',
      width: Number(video.width),
      height: Number(video.height),
      framesPerSecond: quotient(video.r_frame_rate),
      meanFramesPerSecond: quotient(video.avg_frame_rate),
    },
    audio: { codec: audio.codec_name ?? '', sampleRateHz: Number(audio.sample_rate) },
    boxes,
  }
}

const quotient = (text = '') => {
  const [above, below] = text.split('/').map(Number)
  return (above ?? 0) / (below ?? 1)
}

/** ISO 14496-12: each box begins with its size and its kind; size 1 means that 64 bits of it follow, and 0 that it is the last. */
async function boxesOf(path: string): Promise<string[]> {
  const file = await open(path)
  try {
    const boxes: string[] = []
    const { size: end } = await file.stat()
    const head = Buffer.alloc(16)
    for (let at = 0; at < end; ) {
      await file.read(head, 0, 16, at)
      boxes.push(head.toString('latin1', 4, 8))
      const size = head.readUInt32BE(0)
      at = size === 0 ? end : at + (size === 1 ? Number(head.readBigUInt64BE(8)) : size)
    }
    return boxes
  } finally {
    await file.close()
  }
}
