import {
  createRecordingLink,
  createRender,
  deleteRecording,
  getRecording,
  getRecordingFile,
  getRender,
  getRenderFile,
  getRoomRecording,
  listRecordings,
  pauseRecording,
  type QueryOf,
  type RecordingLinkRequest,
  type RenderRequest,
  resumeRecording,
  startRecording,
  stopRecording,
} from '@rtcstack/contract'
import { allPages } from './pages.ts'
import type { FileOptions, OpenFile } from './streams.ts'
import type { Call, CallOptions } from './transport.ts'

type RecordingQuery = QueryOf<typeof listRecordings>

/** Recordings of rooms, and the files that come of them. */
export function createRecordings(call: Call, openFile: OpenFile) {
  const list = (query: RecordingQuery = {}, options?: CallOptions) => call(listRecordings, { query }, options)
  return {
    /** Starts recording a room, or gives the recording that runs: `status` tells which. */
    start: (roomId: string, options?: CallOptions) => call(startRecording, { params: { roomId } }, options),
    /** Stops it; the file is finished afterwards. */
    stop: (roomId: string, options?: CallOptions) => call(stopRecording, { params: { roomId } }, options),
    /** Nothing is kept from the answer on. */
    pause: (roomId: string, options?: CallOptions) => call(pauseRecording, { params: { roomId } }, options),
    resume: (roomId: string, options?: CallOptions) => call(resumeRecording, { params: { roomId } }, options),
    /** Whether a room is recorded now. */
    status: (roomId: string, options?: CallOptions) =>
      call(getRoomRecording, { params: { roomId } }, options),
    /** A page of recordings, newest first. */
    list,
    /** All recordings one after the other, fetched in pages of `limit`. */
    all: ({ limit = 100, roomId, status, ...options }: CallOptions & Omit<RecordingQuery, 'cursor'> = {}) =>
      allPages(async (cursor) => {
        const filter = { ...(roomId !== undefined && { roomId }), ...(status !== undefined && { status }) }
        const page = await list({ limit, ...filter, ...(cursor && { cursor }) }, options)
        return { items: page.recordings, nextCursor: page.nextCursor }
      }),
    /** One recording with its parts and tracks. */
    get: (recordingId: string, options?: CallOptions) =>
      call(getRecording, { params: { recordingId } }, options),
    /** The MP4 as it comes: to be read from `body`, or cancelled. Rejects with `conflict` while there is none. */
    file: (recordingId: string, options?: FileOptions) =>
      openFile(getRecordingFile, { recordingId }, options),
    /** A URL that downloads the MP4, or the file of a track, without an API key. */
    link: (recordingId: string, request: RecordingLinkRequest = {}, options?: CallOptions) =>
      call(createRecordingLink, { params: { recordingId }, body: request }, options),
    /** Deletes it with everything that was kept of it. */
    delete: (recordingId: string, options?: CallOptions) =>
      call(deleteRecording, { params: { recordingId } }, options),
    /** Renders it again, or a stretch of it, from the tracks that were kept. */
    render: (recordingId: string, request: RenderRequest = {}, options?: CallOptions) =>
      call(createRender, { params: { recordingId }, body: request }, options),
    getRender: (recordingId: string, renderId: string, options?: CallOptions) =>
      call(getRender, { params: { recordingId, renderId } }, options),
    /** What was rendered, as `file` gives the MP4. */
    getRenderFile: (recordingId: string, renderId: string, options?: FileOptions) =>
      openFile(getRenderFile, { recordingId, renderId }, options),
  }
}
