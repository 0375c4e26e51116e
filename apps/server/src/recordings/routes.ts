import type { BlobStore } from '@rtcstack/blobs'
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
  type RecordingStatus,
  resumeRecording,
  startRecording,
  stopRecording,
} from '@rtcstack/contract'
import { sendBlob } from '../blobs/send.ts'
import type { OriginOf } from '../http/origin.ts'
import { defaultLimit, readPlace, writePlace } from '../http/place.ts'
import { problems } from '../http/problem.ts'
import { answer, type Route } from '../http/router.ts'
import { requirePermission } from '../tokens/permissions.ts'
import type { RecordingCatalogue } from './catalogue.ts'
import type { RecordingFiles } from './files.ts'
import type { RecordingRemoval } from './removal.ts'
import type { RenderQueue } from './render-queue.ts'
import type { RecordingService } from './service.ts'

export interface RecordingParts {
  recordings: RecordingService
  catalogue: RecordingCatalogue
  files: RecordingFiles
  renders: RenderQueue
  removal: Pick<RecordingRemoval, 'remove'>
  blobs: Pick<BlobStore, 'stat' | 'read'>
  originOf: OriginOf
}

export function registerRecordingRoutes(route: Route, parts: RecordingParts): void {
  const { recordings, catalogue, files, renders, blobs } = parts

  route(startRecording, async ({ params, caller }) => {
    requirePermission(caller, 'record', params.roomId)
    const { isNew, recording } = await recordings.start(params.roomId)
    return isNew
      ? answer(201, { ...recording, status: 'recording' })
      : answer(200, { ...recording, status: 'already_recording' })
  })
  route(stopRecording, async ({ params, caller }) => {
    requirePermission(caller, 'record', params.roomId)
    return answer(200, await recordings.stop(params.roomId))
  })
  route(pauseRecording, async ({ params, caller }) => {
    requirePermission(caller, 'record', params.roomId)
    return answer(200, { egressId: await recordings.pause(params.roomId), status: 'paused' as const })
  })
  route(resumeRecording, async ({ params, caller }) => {
    requirePermission(caller, 'record', params.roomId)
    return answer(200, { egressId: await recordings.resume(params.roomId), status: 'recording' as const })
  })
  route(getRoomRecording, async ({ params, caller }) => {
    requirePermission(caller, 'record', params.roomId)
    return answer(200, await recordings.status(params.roomId))
  })

  route(listRecordings, async ({ query }) => {
    const { limit = defaultLimit, cursor, roomId, status } = query
    const filter = {
      ...(roomId !== undefined && { roomId }),
      ...(status !== undefined && { status: status as RecordingStatus }),
      ...(cursor !== undefined && { before: readPlace(cursor, toPlace) }),
    }
    const found = await catalogue.list(filter, limit + 1)
    const page = found.slice(0, limit)
    const last = found.length > limit ? page.at(-1) : undefined
    return answer(200, {
      recordings: page,
      nextCursor: last ? writePlace([last.createdAt, last.recordingId]) : null,
    })
  })
  route(getRecording, async ({ params }) => answer(200, await catalogue.get(params.recordingId)))
  route(deleteRecording, async ({ params }) => {
    await parts.removal.remove(params.recordingId)
    return answer(204)
  })

  route(getRecordingFile, async ({ params, request, reply }) =>
    sendBlob(request, reply, { store: blobs, ...(await files.movie(params.recordingId)) }),
  )
  route(createRecordingLink, async ({ params, body, request }) =>
    answer(201, await files.link(params.recordingId, body, parts.originOf(request))),
  )
  route(createRender, async ({ params, body }) => answer(202, await renders.add(params.recordingId, body)))
  route(getRender, async ({ params }) => {
    const render = await renders.find(params.recordingId, params.renderId)
    if (!render) throw problems.renderNotFound()
    return answer(200, render)
  })
  route(getRenderFile, async ({ params, request, reply }) =>
    sendBlob(request, reply, {
      store: blobs,
      ...(await files.render(params.recordingId, params.renderId)),
    }),
  )
}

function toPlace([createdAt, id]: unknown[]) {
  const time = new Date(String(createdAt))
  const isPlace = !Number.isNaN(time.getTime()) && time.toISOString() === createdAt
  return isPlace && typeof id === 'string' && /^EG_[A-Za-z0-9]{1,64}$/.test(id)
    ? { createdAt: time, id }
    : undefined
}
