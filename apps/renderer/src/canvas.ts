import type { Timeline } from '@rtcstack/contract'
import type { Interval } from './intervals.ts'
import { gap, type Rectangle } from './layout.ts'

const borderWidth = gap / 2
const borderColour = '0x35c46a'

interface CanvasOptions {
  interval: Interval
  rectangles: Rectangle[]
  speakers: Timeline['speakers']
  fps: number
}

/** A number of frames in which the same tiles' participants speak. */
interface Turn {
  frames: number
  tiles: number[]
}

/**
 * The filters that make `[canvas]` of `[0:v]`, the background: an interval's frames, with a border around whoever speaks. Borders lie
 * between tiles, where no picture covers them, so each is drawn once for as long as it stands.
 */
export function canvasChains(options: CanvasOptions): string[] {
  const { interval, rectangles, fps } = options
  const turns = turnsOf(options)
  const names = turns.map((_, index) => `[turn${index}]`).join('')
  const borders = turns.map(({ frames, tiles }, index) => {
    const drawn = tiles.map((tile) => border(rectangles[tile] as Rectangle))
    return `[turn${index}]${[...drawn, 'loop=-1:1:0', `trim=end_frame=${frames}`].join(',')}[still${index}]`
  })
  const stills = turns.map((_, index) => `[still${index}]`).join('')
  const firstFrame = Math.round((interval.fromMs * fps) / 1000)
  return [
    `[0:v]format=yuv420p,split=${turns.length}${names}`,
    ...borders,
    `${stills}concat=n=${turns.length},settb=1/${fps},setpts=N+${firstFrame}[canvas]`,
  ]
}

function turnsOf({ interval, speakers, fps }: CanvasOptions): Turn[] {
  const { fromMs, untilMs, tiles } = interval
  const frameOf = (ms: number) =>
    Math.ceil(((Math.min(Math.max(ms, fromMs), untilMs) - fromMs) * fps) / 1000 - 1e-6)
  const starts = [{ atMs: fromMs, sids: [] as string[] }, ...speakers]
  const turns: Turn[] = []
  for (const [index, { atMs, sids }] of starts.entries()) {
    const frames = frameOf(starts[index + 1]?.atMs ?? untilMs) - frameOf(atMs)
    if (frames <= 0) continue
    const speaking = tiles.length === 1 ? [] : tiles.flatMap((tile, at) => (isHeard(tile, sids) ? [at] : []))
    const last = turns.at(-1)
    if (last && last.tiles.join() === speaking.join()) last.frames += frames
    else turns.push({ frames, tiles: speaking })
  }
  return turns
}

const isHeard = (tile: Interval['tiles'][number], sids: string[]) =>
  !tile.isScreen && sids.includes(tile.participantSid)

function border({ x, y, width, height }: Rectangle): string {
  const grown = 2 * borderWidth
  const edges = `${x - borderWidth}:${y - borderWidth}:${width + grown}:${height + grown}`
  return `drawbox=${edges}:c=${borderColour}:t=${borderWidth}`
}
