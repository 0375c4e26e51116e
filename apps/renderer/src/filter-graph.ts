import type { Timeline } from '@rtcstack/contract'
import { canvasChains } from './canvas.ts'
import type { Interval } from './intervals.ts'
import type { Rectangle, Size } from './layout.ts'

export interface VideoSettings extends Size {
  fps: number
  crf: number
}

/** The files of an interval's pictures that are drawn, and where its tiles stand, in their order. */
export interface Drawings {
  rectangles: Rectangle[]
  background: string
  labels: (Size & { file: string })[]
}

interface Placed {
  interval: Interval
  speakers: Timeline['speakers']
  settings: VideoSettings
  drawings: Drawings
  /** The folder of the timeline. */
  resolve: (file: string) => string
}

const labelMargin = 8
/** A file's last picture lies under the next file's first one for so long, so that no rounding lets the placeholder through. */
const coveredMs = 100
/** Two seconds between key frames: what players can seek to. */
const keyFrameSeconds = 2

/**
 * ffmpeg's arguments up to the output file, and its filter graph. Each picture is laid over the background at the time stamps
 * that its file has, so a track of any frame rate keeps its times, and one without a frame yet lets the placeholder show. It
 * is shown half a frame earlier, and so in the frame that is nearest: else it would wait for the next one.
 */
export function videoRun(placed: Placed): { args: string[]; graph: string } {
  const { interval, settings, drawings, resolve } = placed
  const { rectangles } = drawings
  const inputs = [['-i', drawings.background]]
  const input = (args: string[]) => inputs.push(args) - 1
  const firstFrame = Math.round((interval.fromMs * settings.fps) / 1000)
  const frames = Math.round((interval.untilMs * settings.fps) / 1000) - firstFrame

  const chains = canvasChains({ interval, rectangles, speakers: placed.speakers, fps: settings.fps })
  let canvas = 'canvas'
  const overlay = (chain: string, name: string, x: string, y: string, enable?: string) => {
    const place = `overlay=x=${x}:y=${y}:eval=frame${enable ? `:enable='${enable}'` : ''}`
    chains.push(`${chain}[${name}]`, `[${canvas}][${name}]${place}[${name}on]`)
    canvas = `${name}on`
  }
  for (const [index, tile] of interval.tiles.entries()) {
    const { x, y, width, height } = rectangles[index] as Rectangle
    if (!tile.picture) continue
    const { sinceMs } = tile.picture
    const shape = tile.isScreen
      ? `scale=${width}:${height}:force_original_aspect_ratio=decrease:force_divisible_by=2:flags=bicubic`
      : // Cropped from the top left: any other origin would lie outside the picture once its shape changes.
        `scale=${width}:${height}:force_original_aspect_ratio=increase:force_divisible_by=2:flags=bilinear,crop=${width}:${height}:0:0`
    const clips = tile.picture.clips.filter(
      ({ fromMs, untilMs }) => fromMs < interval.untilMs && (untilMs ?? interval.untilMs) > interval.fromMs,
    )
    for (const [number, clip] of clips.entries()) {
      const stream = input(pictureInput(resolve(clip.file), clip.fromMs, interval.fromMs))
      const next = clips[number + 1]
      overlay(
        `[${stream}:v]trim=start=${seconds(sinceMs)},setpts=PTS-${seconds(500 / settings.fps)}/TB,${shape},format=yuva420p`,
        `picture${index}clip${number}`,
        `${x}+floor((${width}-overlay_w)/4)*2`,
        `${y}+floor((${height}-overlay_h)/4)*2`,
        next && `lt(t,${seconds(next.fromMs + coveredMs)})`,
      )
    }
  }
  for (const [index] of interval.tiles.entries()) {
    const { x, y, height } = rectangles[index] as Rectangle
    const label = drawings.labels[index]
    if (label)
      overlay(
        `[${input(['-i', label.file])}:v]format=yuva420p`,
        `label${index}`,
        String(x + labelMargin),
        String(y + height - label.height - labelMargin),
      )
  }
  chains.push(`[${canvas}]setpts=PTS-${firstFrame}[out]`)

  const args = ['-copyts', ...inputs.flat(), '-filter_complex_threads', '1']
  return { args: [...args, ...encoder(settings), '-frames:v', String(frames)], graph: chains.join(';\n') }
}

/** Decoding begins at the key frame before the interval; a changed size must not restart the graph, which would lose every other picture. */
function pictureInput(file: string, partFromMs: number, fromMs: number): string[] {
  const seek = fromMs > partFromMs ? ['-seek_timestamp', '1', '-ss', seconds(fromMs), '-noaccurate_seek'] : []
  return ['-threads', '1', ...seek, '-reinit_filter', '0', '-i', file]
}

/** The same for every interval, so that they can be joined without encoding again. */
const encoder = ({ fps, crf }: VideoSettings) => [
  ...['-map', '[out]', '-c:v', 'libx264', '-preset', 'veryfast', '-crf', String(crf), '-profile:v', 'high'],
  ...['-video_track_timescale', String(fps * 600)],
  ...['-pix_fmt', 'yuv420p', '-threads', '1', '-g', String(fps * keyFrameSeconds), '-r', String(fps)],
  ...[
    '-color_range',
    'tv',
    '-colorspace',
    'smpte170m',
    '-color_primaries',
    'smpte170m',
    '-color_trc',
    'smpte170m',
  ],
]

/** Milliseconds as ffmpeg's seconds. */
export const seconds = (ms: number) => (ms / 1000).toFixed(6)
