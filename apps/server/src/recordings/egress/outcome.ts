import type { RecordingEndReason, RecordingError } from '@rtcstack/contract'
import type { Egress } from '../../livekit/convert.ts'
import { isTwirp } from './engine.ts'

/** What a recording has come to that has no file. */
export interface Failure {
  error: RecordingError
  reason: RecordingEndReason
  /** Whether an egress may have begun all the same, without our hearing of it. */
  mayHaveBegun: boolean
}

/** What it means that an egress could not be started; LiveKit's words are for the log. */
export function failureOfStart(error: unknown): Failure {
  const failure = { error: 'recorder-failed', reason: 'recorder-failed', mayHaveBegun: false } as const
  // All workers are busy; or none has answered, be it that there is none.
  if (isTwirp(error, 'resource_exhausted')) return { ...failure, error: 'recorder-capacity' }
  if (isTwirp(error, 'unavailable')) return { ...failure, error: 'recorder-capacity', mayHaveBegun: true }
  if (isTwirp(error, 'not_found')) return { ...failure, error: 'nothing-recorded', reason: 'room-closed' }
  const isRefused = isTwirp(
    error,
    'invalid_argument',
    'malformed',
    'unauthenticated',
    'permission_denied',
    'failed_precondition',
    'unimplemented',
    'bad_route',
  )
  return { ...failure, mayHaveBegun: !isRefused }
}

/** Why a recording has no file whose egress has ended without one. */
export const errorOfEgress = ({ fault }: Pick<Egress, 'fault'>): RecordingError =>
  / upload failed: /.test(fault) ? 'storage-refused' : 'recorder-failed'

/** Why an egress that nobody told to stop has made an end of its file. */
export const endReasonOf = (state: Egress['state']): RecordingEndReason =>
  state === 'limit-reached' ? 'max-duration' : 'room-closed'
