import { Type } from 'typebox'
import { operation } from './operation.ts'
import { EgressId, nullable } from './recordings.ts'
import { RoomParams } from './rooms.ts'
import { Instant, strict } from './shapes.ts'

const startedAt = '2026-01-01T12:00:00.000Z'
const egressId = 'EG_7hXk2PqLw9Zd'

const roomFrame = { tag: 'Recordings', security: 'apiKeyOrParticipant', params: RoomParams } as const
const changeFrame = { ...roomFrame, method: 'POST', rateLimit: 'write' } as const
const roomProblems = ['forbidden', 'participant-banned', 'not-found', 'database-unavailable'] as const

const StartedRecording = strict(
  { egressId: EgressId, roomId: Type.String(), status: Type.String(), startedAt: Instant },
  { $id: 'StartedRecording' },
)

export const startRecording = operation({
  ...changeFrame,
  id: 'startRecording',
  path: '/v1/rooms/:roomId/recording/start',
  summary: 'Start recording a room',
  description:
    'Answers when the first media is written, or the room has none, within 5 seconds. A room has one recording at a time: starting again gives the one that runs. A host may do this with its own token.',
  answers: {
    201: {
      description: 'It records.',
      schema: StartedRecording,
      example: { egressId, roomId: 'team-standup', status: 'recording', startedAt },
    },
    200: {
      description: 'It records already.',
      schema: StartedRecording,
      example: { egressId, roomId: 'team-standup', status: 'already_recording', startedAt },
    },
  },
  problems: [...roomProblems, 'recorder-capacity', 'media-server-refused', 'media-server-unavailable'],
})

export const stopRecording = operation({
  ...changeFrame,
  id: 'stopRecording',
  path: '/v1/rooms/:roomId/recording/stop',
  summary: 'Stop the recording of a room',
  description:
    'Answers at once; the file is finished afterwards, which `recording_stopped` tells. A host may do this with its own token.',
  answers: {
    200: {
      description: 'Nothing more is recorded.',
      schema: strict(
        { egressId: EgressId, status: Type.Literal('stopped'), stoppedAt: Instant },
        { $id: 'StoppedRecording' },
      ),
      example: { egressId, status: 'stopped', stoppedAt: '2026-01-01T12:30:00.000Z' },
    },
  },
  problems: roomProblems,
})

export const pauseRecording = operation({
  ...changeFrame,
  id: 'pauseRecording',
  path: '/v1/rooms/:roomId/recording/pause',
  summary: 'Pause the recording of a room',
  description:
    'From the answer on nothing is kept until it is resumed; the file shows a card, and is silent. Where LiveKit’s Egress records, which cannot pause, it is a `conflict`. A host may do this with its own token.',
  answers: {
    200: {
      description: 'It is paused.',
      schema: strict({ egressId: EgressId, status: Type.Literal('paused') }, { $id: 'PausedRecording' }),
      example: { egressId, status: 'paused' },
    },
  },
  problems: [...roomProblems, 'conflict', 'recorder-capacity'],
})

export const resumeRecording = operation({
  ...changeFrame,
  id: 'resumeRecording',
  path: '/v1/rooms/:roomId/recording/resume',
  summary: 'Resume the recording of a room',
  description:
    'A `conflict` where LiveKit’s Egress records, which cannot pause. A host may do this with its own token.',
  answers: {
    200: {
      description: 'It records.',
      schema: strict({ egressId: EgressId, status: Type.Literal('recording') }, { $id: 'ResumedRecording' }),
      example: { egressId, status: 'recording' },
    },
  },
  problems: [...roomProblems, 'conflict', 'recorder-capacity'],
})

export const getRoomRecording = operation({
  ...roomFrame,
  id: 'getRoomRecording',
  method: 'GET',
  path: '/v1/rooms/:roomId/recording',
  rateLimit: 'read',
  summary: 'Whether a room is recorded',
  description: 'A host may ask with its own token.',
  answers: {
    200: {
      description: 'The recording that runs, or nulls.',
      schema: strict(
        {
          isRecording: Type.Boolean(),
          egressId: nullable(EgressId),
          startedAt: nullable(Instant),
        },
        { $id: 'RoomRecording' },
      ),
      example: { isRecording: true, egressId, startedAt },
    },
  },
  problems: ['forbidden', 'participant-banned', 'database-unavailable'],
})
