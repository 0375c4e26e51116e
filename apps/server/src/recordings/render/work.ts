import { mkdir, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type BlobStore, contentTypeOf } from '@rtcstack/blobs'
import type { Timeline } from '@rtcstack/contract'
import { sourceSpan } from '@rtcstack/renderer/source-span'
import type { Logger } from 'pino'
import { partsWithin } from '../chunks.ts'
import { keysOf, placeOf } from '../keys.ts'
import { runRenderer } from './renderer.ts'
import type { Made, RenderClaim, RenderStore } from './store.ts'

export interface RenderWorkOptions {
  blobs: BlobStore
  store: Pick<RenderStore, 'chunksOf'>
  /** How many ffmpeg processes one renderer runs at once. */
  concurrency: number
  log: Logger
}

interface Place {
  /** An empty folder for what is made on the way. */
  folder: string
  signal: AbortSignal
  onProgress(progress: number): void
}

/** Does what has been claimed, from the store to the store: it may run on any machine. */
export function createRenderWork({ blobs, store, concurrency, log }: RenderWorkOptions) {
  const keys = ({ recordingId, room, startedAt }: RenderClaim) =>
    keysOf(placeOf({ id: recordingId, room, startedAt }))

  /** Brings a timeline, and those of its files that hold something of a stretch. */
  async function fetchSource(claim: RenderClaim, span: { fromMs: number; untilMs: number }, place: Place) {
    const { timeline: timelineKey, part } = keys(claim)
    const path = join(place.folder, 'timeline.json')
    await blobs.getFile(timelineKey, path, place)
    const timeline = JSON.parse(await readFile(path, 'utf8')) as Timeline
    for (const { file } of partsWithin(timeline, span)) {
      const key = part(file)
      // One that is missing costs its tile: the renderer says so.
      if (!(await blobs.stat(key))) continue
      await mkdir(dirname(join(place.folder, file)), { recursive: true })
      await blobs.getFile(key, join(place.folder, file), place)
    }
  }

  const keep = (key: string, path: string, { signal }: Place) =>
    blobs.putFile(key, path, { contentType: contentTypeOf(key), signal })

  async function chunk(claim: RenderClaim, place: Place): Promise<Made> {
    const { name, fromMs, untilMs, isLast, layout, picture } = claim
    const { folder, signal, onProgress } = place
    const span = { fromMs, untilMs, isFirst: fromMs === 0, isLast }
    await fetchSource(claim, sourceSpan(span), place)
    const [video, audio] = [join(folder, 'video.mp4'), join(folder, 'audio.aac')]
    const job = { ...picture, ...span, layout, directory: folder, concurrency, work: folder }
    const { durationMs } = await runRenderer(
      { type: 'chunk', job: { ...job, videoOutput: video, audioOutput: audio } },
      { signal, onProgress, log },
    )
    await keep(keys(claim).audio(name), audio, place)
    const { sizeBytes } = await keep(keys(claim).video(name), video, place)
    return { sizeBytes, durationMs }
  }

  async function file(claim: RenderClaim, place: Place): Promise<Made> {
    const { folder, signal, onProgress } = place
    const chunks = []
    for (const { name, durationMs } of await store.chunksOf(claim.recordingId)) {
      const [video, audio] = [join(folder, `${name}.mp4`), join(folder, `${name}.aac`)]
      await blobs.getFile(keys(claim).video(name), video, { signal })
      await blobs.getFile(keys(claim).audio(name), audio, { signal })
      chunks.push({ video, audio, durationMs })
    }
    const output = join(folder, 'file.mp4')
    const { durationMs, sizeBytes } = await runRenderer(
      { type: 'join', job: { chunks, output, fps: claim.picture.fps, work: folder } },
      { signal, onProgress, log },
    )
    const key = keys(claim).file
    await keep(key, output, place)
    const stored = await blobs.stat(key)
    if (stored?.sizeBytes !== sizeBytes)
      throw new Error('the file in the store is not the one that was stored')
    return { sizeBytes, durationMs }
  }

  async function extra(claim: RenderClaim, place: Place): Promise<Made> {
    const { fromMs: from, untilMs: to, layout, picture, name } = claim
    const { folder, signal, onProgress } = place
    await fetchSource(claim, sourceSpan({ fromMs: from, untilMs: to, isFirst: true, isLast: true }), place)
    const output = join(folder, 'extra.mp4')
    const job = { ...picture, layout, directory: folder, from, to, output, concurrency, work: folder }
    const { durationMs, sizeBytes } = await runRenderer({ type: 'render', job }, { signal, onProgress, log })
    await keep(keys(claim).extra(name), output, place)
    return { sizeBytes, durationMs }
  }

  /** When the file is there, or never will be, its pieces are of no use. */
  async function clearing(claim: RenderClaim): Promise<Made> {
    await blobs.deletePrefix(keys(claim).pieces)
    return { sizeBytes: 0, durationMs: 0 }
  }

  return {
    run: (claim: RenderClaim, place: Place): Promise<Made> =>
      ({ chunk, file, extra, clearing })[claim.kind](claim, place),
  }
}

export type RenderWork = ReturnType<typeof createRenderWork>
