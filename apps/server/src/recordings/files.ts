import type { BlobStore } from '@rtcstack/blobs'
import type { RecordingLinkRequest } from '@rtcstack/contract'
import { problems } from '../http/problem.ts'
import { keysOf, placeOf } from './keys.ts'
import type { RenderQueue } from './render-queue.ts'
import type { RecordingRow } from './row.ts'
import type { RecordingStore } from './store.ts'

interface RecordingFilesOptions {
  store: Pick<RecordingStore, 'find' | 'findTracks'>
  renders: Pick<RenderQueue, 'find'>
  blobs: Pick<BlobStore, 'link'>
  now: () => Date
}

/** A file in the store, and what a browser saves it as. */
export interface RecordingFile {
  key: string
  fileName: string
}

const linkSeconds = 3_600

/** The files of recordings: which they are, and links to them. */
export function createRecordingFiles({ store, renders, blobs, now }: RecordingFilesOptions) {
  async function existing(id: string): Promise<RecordingRow> {
    const row = await store.find(id)
    if (!row) throw problems.recordingNotFound()
    return row
  }

  /** Any file of a recording that has been told of; only the MP4 has to wait for the recording to be ready. */
  async function find(row: RecordingRow, key: string): Promise<RecordingFile> {
    const tracks = await store.findTracks(row.id)
    const file = tracks.flatMap(({ files }) => files).find((one) => one.key === key)
    if (!file) throw problems.invalid([{ pointer: '#/key', detail: 'is no file of this recording' }])
    return { key, fileName: nameOf(key) }
  }

  async function movie(row: RecordingRow): Promise<RecordingFile> {
    if (row.state !== 'ready' || row.key === null)
      throw problems.conflict(`The recording is ${row.state}: it has a file when it is ready`)
    return { key: row.key, fileName: nameOf(row.key) }
  }

  return {
    /** The MP4; throws `conflict` while there is none. */
    movie: async (id: string): Promise<RecordingFile> => movie(await existing(id)),

    /** What was rendered beside it. */
    async render(id: string, renderId: string): Promise<RecordingFile> {
      const row = await existing(id)
      const render = await renders.find(id, renderId)
      if (!render || !row.startedAt) throw problems.renderNotFound()
      if (render.status !== 'ready') throw problems.conflict(`The render is ${render.status}`)
      const key = keysOf(placeOf({ ...row, startedAt: row.startedAt })).extra(renderId)
      return { key, fileName: nameOf(key) }
    },

    async link(id: string, { expiresIn = linkSeconds, key }: RecordingLinkRequest, origin: string) {
      const row = await existing(id)
      const file = key === undefined || key === row.key ? await movie(row) : await find(row, key)
      const expiresAt = new Date(Math.floor(now().getTime() / 1000 + expiresIn) * 1000).toISOString()
      const { fileName } = file
      return { url: await blobs.link(file.key, { expiresInSeconds: expiresIn, fileName, origin }), expiresAt }
    },
  }
}

export type RecordingFiles = ReturnType<typeof createRecordingFiles>

const nameOf = (key: string) => key.slice(key.lastIndexOf('/') + 1)
