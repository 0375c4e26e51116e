import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { type BlobStore, contentTypeOf } from '@rtcstack/blobs'
import type { Timeline } from '@rtcstack/contract'
import { keysOf } from '../keys.ts'

/** What a recorder goes on in. */
export const journalFile = 'timeline.jsonl'

/** Copies what a recorder has written into the store, one thing after the other. */
export interface Shipping {
  /** Where the recording is in the store. */
  readonly place: string
  /** Looks up what is in the store already. */
  recall(): Promise<void>
  /** A file of a track that is closed. */
  part(file: string): void
  /** Whether a file is in the store. */
  has(file: string): boolean
  /** What the recording is made of so far, and the journal, from which a recorder on another machine would go on. */
  timeline(timeline: Timeline): Promise<void>
  /** Everything that a timeline names and is not in the store yet. */
  rest(timeline: Timeline): Promise<void>
}

interface ShippingOptions {
  blobs: Pick<BlobStore, 'putFile' | 'put' | 'list'>
  directory: string
  /** Where the recording is in the store. */
  place: string
  /** Gives up what is under way. */
  signal: AbortSignal
  /** A part is in the store. */
  onShipped(): void
}

export function createShipping({ blobs, directory, place, signal, onShipped }: ShippingOptions): Shipping {
  const keys = keysOf(place)
  const shipped = new Set<string>()
  let last: Promise<unknown> = Promise.resolve()

  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const turn = last.then(work)
    last = turn.catch(() => undefined)
    return turn
  }
  const ship = async (file: string) => {
    if (shipped.has(file)) return
    const key = keys.part(file)
    await blobs.putFile(key, join(directory, file), { contentType: contentTypeOf(key), signal })
    shipped.add(file)
    onShipped()
  }
  /** A recorder before this one may have been on another machine, and its files are in the store alone. */
  const sizeOf = (file: string) =>
    stat(join(directory, file)).then(
      ({ size }) => size,
      () => undefined,
    )
  const shipTimeline = async (timeline: Timeline) => {
    const journal = join(directory, journalFile)
    if ((await sizeOf(journalFile)) !== undefined)
      await blobs.putFile(keys.journal, journal, { contentType: contentTypeOf(keys.journal), signal })
    const text = JSON.stringify(timeline)
    await blobs.put(keys.timeline, text, { contentType: contentTypeOf(keys.timeline), signal })
  }

  return {
    place,
    recall: () =>
      inTurn(async () => {
        for await (const { key, sizeBytes } of blobs.list(keys.part('tracks/'))) {
          const file = key.slice(keys.folder.length)
          const sizeHere = await sizeOf(file)
          if (sizeHere === undefined || sizeHere === sizeBytes) shipped.add(file)
        }
      }),
    part: (file) => void inTurn(() => ship(file)).catch(() => undefined),
    has: (file) => shipped.has(file),
    timeline: (timeline) => inTurn(() => shipTimeline(timeline)),
    rest: (timeline) =>
      inTurn(async () => {
        for (const { file, sizeBytes } of timeline.tracks.flatMap(({ parts }) => parts))
          if (sizeBytes > 0 && (await sizeOf(file)) !== undefined) await ship(file)
        await shipTimeline(timeline)
      }),
  }
}
