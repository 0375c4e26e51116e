import { run } from './run.ts'

/** What the file of one track is, as ffprobe has it after decoding all of it. */
export interface TrackFacts {
  codec: string
  /** Of video, in the order in which they are shown. */
  frames: { atMs: number; width: number; height: number }[]
}

export async function probeTrack(file: string): Promise<TrackFacts> {
  const asked = ['-show_entries', 'stream=codec_name:frame=pts_time,width,height', '-of', 'json']
  const probed = JSON.parse((await run('ffprobe', [...asked, '-i', file])).toString()) as {
    streams: { codec_name: string }[]
    frames: { pts_time: string; width?: number; height?: number }[]
  }
  if (probed.streams.length !== 1) throw new Error(`${file} has ${probed.streams.length} tracks`)
  return {
    codec: probed.streams[0]?.codec_name ?? '',
    frames: probed.frames.flatMap(({ pts_time, width, height }) =>
      width === undefined || height === undefined ? [] : [{ atMs: Number(pts_time) * 1_000, width, height }],
    ),
  }
}
