import { listDeliveries, redeliver, replayWebhook } from './deliveries.ts'
import { getOpenApi, getProblemPage } from './documentation.ts'
import { listEvents } from './events.ts'
import { getHealth, getLiveness, getReadiness } from './health.ts'
import { createIngress, deleteIngress, listIngress } from './ingress.ts'
import type { Operation } from './operation.ts'
import { listParticipants, muteParticipant, removeParticipant } from './participants.ts'
import {
  createRecordingLink,
  createRender,
  getRecordingFile,
  getRender,
  getRenderFile,
} from './recording-files.ts'
import { deleteRecording, getRecording, listRecordings } from './recordings.ts'
import {
  getRoomRecording,
  pauseRecording,
  resumeRecording,
  startRecording,
  stopRecording,
} from './room-recording.ts'
import { createRoom, deleteRoom, getRoom, listRooms } from './rooms.ts'
import { getSession, listSessions } from './sessions.ts'
import { createToken, refreshToken } from './tokens.ts'
import {
  createWebhook,
  deleteWebhook,
  getWebhook,
  listWebhooks,
  rotateWebhookSecret,
  testWebhook,
  updateWebhook,
} from './webhooks.ts'

/** Every operation of the API, in the order of its documentation. */
export const operations: readonly Operation[] = [
  getHealth,
  getLiveness,
  getReadiness,
  createToken,
  refreshToken,
  createRoom,
  listRooms,
  getRoom,
  deleteRoom,
  listParticipants,
  removeParticipant,
  muteParticipant,
  startRecording,
  stopRecording,
  pauseRecording,
  resumeRecording,
  getRoomRecording,
  listRecordings,
  getRecording,
  deleteRecording,
  getRecordingFile,
  createRecordingLink,
  createRender,
  getRender,
  getRenderFile,
  createIngress,
  listIngress,
  deleteIngress,
  listWebhooks,
  createWebhook,
  getWebhook,
  updateWebhook,
  deleteWebhook,
  testWebhook,
  rotateWebhookSecret,
  replayWebhook,
  listDeliveries,
  redeliver,
  listEvents,
  listSessions,
  getSession,
  getOpenApi,
  getProblemPage,
]
