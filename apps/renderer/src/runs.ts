import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Timeline } from '@rtcstack/contract'
import { cutFrames } from './adts.ts'
import { mixRun } from './audio.ts'
import { runFfmpeg } from './ffmpeg.ts'
import { type Drawings, videoRun } from './filter-graph.ts'
import type { Interval } from './intervals.ts'
import { drawBackground, drawLabel, type Label } from './labels.ts'
import { gridOf, type Size, stageOf } from './layout.ts'
import type { Look } from './messages.ts'
import { locate } from './parts.ts'
import type { SoundPlan } from './sound-plan.ts'

interface RunOptions {
  look: Look
  timeline: Timeline
  directory: string
  /** For what is drawn, and for the graphs. */
  folder: string
  signal: AbortSignal
}

/** The runs of ffmpeg that make one recording's pictures and sound. */
export function createRuns({ look, timeline, directory, folder, signal }: RunOptions) {
  const resolve = (file: string) => locate(directory, file)
  const labels = new Map<string, Promise<Label & { file: string }>>()

  /** The same name in a tile of the same size is drawn once. */
  function labelOf(name: string, size: Size) {
    const key = `${size.width} ${size.height} ${name}`
    const file = join(folder, `label${labels.size}.png`)
    const drawn =
      labels.get(key) ??
      drawLabel(name, size).then(async (label) => {
        await writeFile(file, label.png)
        return { ...label, file }
      })
    labels.set(key, drawn)
    return drawn
  }

  async function drawingsOf(interval: Interval, background: string): Promise<Drawings> {
    const rectangles = (interval.hasStage ? stageOf : gridOf)(interval.tiles.length, look)
    await writeFile(background, await drawBackground(interval, rectangles, look))
    const drawn = interval.tiles.map((tile, index) => labelOf(tile.name, rectangles[index] ?? look))
    return { rectangles, background, labels: await Promise.all(drawn) }
  }

  async function runGraph(name: string, { args, graph }: { args: string[]; graph: string }): Promise<Buffer> {
    const script = join(folder, `${name}.txt`)
    await writeFile(script, graph)
    return runFfmpeg(['-filter_complex_script', script, ...args], signal)
  }

  return {
    /** Writes an interval's pictures as an MP4 into the folder. */
    async video(name: string, interval: Interval): Promise<string> {
      const file = join(folder, `${name}.mp4`)
      const drawings = await drawingsOf(interval, join(folder, `${name}.png`))
      const { speakers } = timeline
      const run = videoRun({ interval, speakers, settings: look, drawings, resolve })
      await runGraph(name, { ...run, args: [...run.args, file] })
      return file
    },
    /** Writes the sound of a plan as ADTS frames into the folder. */
    async audio(plan: SoundPlan): Promise<string> {
      const file = join(folder, 'sound.aac')
      const frames = await runGraph('sound', mixRun(timeline, plan, resolve))
      await writeFile(file, cutFrames(frames, plan))
      return file
    },
  }
}
