import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import type { Timeline } from '@rtcstack/contract'
import { mixRun, planMixes } from './audio.ts'
import { runFfmpeg } from './ffmpeg.ts'
import { type Drawings, videoRun } from './filter-graph.ts'
import { type Interval, planIntervals } from './intervals.ts'
import { joinPieces, type Piece, verify } from './join.ts'
import { drawBackground, drawLabel, type Label } from './labels.ts'
import { gridOf, type Size, stageOf } from './layout.ts'
import type { RenderJob, RenderResult } from './messages.ts'
import { locate, readableParts } from './parts.ts'
import { runAll } from './run-all.ts'

interface RenderOptions {
  signal: AbortSignal
  /** From 0 to 1. */
  onProgress: (progress: number) => void
}

const timelineVersion = 1
/** What of the work is done when all that is left is joining. */
const beforeJoining = 0.95

/** Makes the MP4 of a job. Leaves nothing behind when it fails or is aborted. */
export async function render(job: RenderJob, { signal, onProgress }: RenderOptions): Promise<RenderResult> {
  const given = JSON.parse(await readFile(join(job.directory, 'timeline.json'), 'utf8')) as Timeline
  if (given.version !== timelineVersion)
    throw new Error(`no reader for a timeline of version ${given.version}`)
  const { timeline, unreadable } = await readableParts(given, job.directory, signal)
  const { layout = 'screen', fps, from, to } = job
  const intervals = planIntervals(timeline, { layout, fps, from, to })
  const fromMs = intervals[0]?.fromMs ?? 0
  const untilMs = intervals.at(-1)?.untilMs ?? 0
  const durationMs = untilMs - fromMs

  const output = resolve(job.output)
  const folder = await mkdtemp(join(dirname(output), '.render-'))
  const run = createRuns({ job, timeline, folder, signal })
  try {
    const mixes = planMixes(fromMs, untilMs)
    const audio: Piece[] = mixes.map((mix, index) => pieceOf(mix, join(folder, `${index}.flac`)))
    const video: Piece[] = intervals.map((interval, index) => pieceOf(interval, join(folder, `${index}.mp4`)))
    const works = [
      ...intervals.map((interval, index) => () => run.video(interval, video[index] as Piece)),
      ...mixes.map((mix, index) => () => run.audio(mix, audio[index] as Piece)),
    ]
    await runAll({
      works,
      concurrency: job.concurrency,
      signal,
      onDone: (done) => onProgress((beforeJoining * done) / works.length),
    })
    const joined = join(folder, 'joined.mp4')
    await joinPieces({ video, audio }, { folder, output: joined, signal })
    const frames = Math.round((durationMs * fps) / 1000)
    const sizeBytes = await verify(joined, { durationMs, frames }, signal)
    await rename(joined, output)
    onProgress(1)
    return { durationMs, sizeBytes, intervals: intervals.length, unreadable }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

interface RunOptions {
  job: RenderJob
  timeline: Timeline
  folder: string
  signal: AbortSignal
}

function createRuns({ job, timeline, folder, signal }: RunOptions) {
  const resolveFile = (file: string) => locate(job.directory, file)
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

  async function runGraph(run: { args: string[]; graph: string }, piece: Piece): Promise<void> {
    const script = `${piece.file}.txt`
    await writeFile(script, run.graph)
    await runFfmpeg(['-filter_complex_script', script, ...run.args, piece.file], signal)
  }

  return {
    async video(interval: Interval, piece: Piece): Promise<void> {
      const rectangles = (interval.hasStage ? stageOf : gridOf)(interval.tiles.length, job)
      const background = `${piece.file}.png`
      await writeFile(background, await drawBackground(interval, rectangles, job))
      const drawings: Drawings = {
        background,
        labels: await Promise.all(
          interval.tiles.map((tile, index) => labelOf(tile.name, rectangles[index] ?? job)),
        ),
      }
      const { speakers } = timeline
      const run = videoRun({ interval, rectangles, speakers, settings: job, drawings, resolve: resolveFile })
      await runGraph(run, piece)
    },
    audio: (mix: { fromMs: number; untilMs: number }, piece: Piece) =>
      runGraph(mixRun(timeline, mix, resolveFile), piece),
  }
}

const pieceOf = ({ fromMs, untilMs }: { fromMs: number; untilMs: number }, file: string): Piece => ({
  file,
  durationMs: untilMs - fromMs,
})
