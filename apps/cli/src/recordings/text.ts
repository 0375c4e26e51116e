import type { Recording, RecordingDetail, RecordingEndReason, RecordingError } from '@rtcstack/sdk'
import { duration, table } from '../table.ts'
import { placeText } from './time.ts'

const endings: Record<RecordingEndReason, string> = {
  stopped: 'it was stopped',
  'room-closed': 'the room closed',
  'room-empty': 'the room had been empty for too long',
  'max-duration': 'it reached the longest duration allowed',
  'disk-full': 'the disk of its server was nearly full',
  'recorder-failed': 'its recorders failed, one after the other',
  'server-lost': 'its server was lost with what it had recorded',
}

const faults: Record<RecordingError, string> = {
  'recorder-capacity': 'no recorder had room for it',
  'recorder-failed': 'no recorder could record it',
  'nothing-recorded': 'nothing was recorded',
  'server-lost': 'what was recorded is on a server that is lost',
  'render-failed': 'it could not be rendered, and the tracks are kept',
  'storage-full': 'the store is full',
  'storage-refused': 'the store did not take it',
  deleted: 'it was deleted',
}

/** What a code means; a newer server may have others. */
const meaning = (words: Record<string, string>, code: string) => words[code] ?? code

/** A size for people, in decimal units. */
export function sizeText(bytes: number | null): string {
  if (bytes === null) return '-'
  const step = bytes < 1000 ? 0 : Math.min(3, Math.floor(Math.log10(bytes) / 3))
  return `${(bytes / 1000 ** step).toFixed(step === 0 ? 0 : 1)} ${['B', 'kB', 'MB', 'GB'][step]}`
}

export const percentText = (progress: number) => `${Math.floor(progress * 100)} %`

const lastedText = ({ durationMs }: Recording) => duration(durationMs === null ? null : durationMs / 1000)

/** What a recording is at, in a word or some. */
export function statusText({ status, isPaused, progress, error }: Recording): string {
  if (isPaused) return `${status}, paused`
  if (status === 'processing') return `${status}, ${percentText(progress)}`
  return error === null ? status : `${status}: ${error}`
}

export const recordingsText = (recordings: Recording[]) =>
  table(
    ['RECORDING', 'ROOM', 'STATUS', 'STARTED', 'LASTED', 'SIZE'],
    recordings.map((one) => [
      one.recordingId,
      one.roomId,
      statusText(one),
      one.startedAt ?? '-',
      lastedText(one),
      sizeText(one.sizeBytes),
    ]),
    'There are no recordings.',
  )

/** All that is known of a recording: what it is at and why, its file, its parts and its tracks. */
export function detailText(recording: RecordingDetail): string {
  return [factsText(recording), partsText(recording), tracksText(recording)].join('\n\n')
}

function factsText(recording: RecordingDetail): string {
  const { startedAt, endedAt, endReason, error } = recording
  const facts = {
    recording: recording.recordingId,
    room: recording.roomId,
    status: stateText(recording),
    started: startedAt ?? 'not yet',
    ...(endedAt !== null && {
      ended: `${endedAt}${endReason === null ? '' : `: ${meaning(endings, endReason)}`}`,
    }),
    lasted: lastedText(recording),
    file: fileText(recording),
    ...(error !== null && { error: `${error}: ${meaning(faults, error)}` }),
  }
  const width = Math.max(...Object.keys(facts).map((name) => name.length))
  return Object.entries(facts)
    .map(([name, value]) => `${name.padEnd(width)}  ${value}`)
    .join('\n')
}

function stateText({ status, isPaused, progress }: Recording): string {
  if (isPaused) return 'paused: nothing is kept until it is resumed'
  if (status === 'processing') return `processing: ${percentText(progress)} of the file is made`
  return status
}

const fileText = ({ status, bucket, key, sizeBytes }: Recording) =>
  status === 'ready' && key !== null
    ? `${key} in ${bucket}, ${sizeText(sizeBytes)}`
    : status === 'failed'
      ? 'none'
      : 'not yet'

const partsText = ({ parts }: RecordingDetail) =>
  table(
    ['PART FROM', 'TO', 'STATUS'],
    parts.map(({ fromMs, untilMs, status }) => [placeText(fromMs), placeText(untilMs), status]),
    'No part of it is to be rendered.',
  )

const tracksText = ({ tracks }: RecordingDetail) =>
  table(
    ['TRACK OF', 'SOURCE', 'FROM', 'TO', 'CODEC', 'SIZE', 'KEY'],
    tracks.flatMap(({ identity, source, files }) =>
      files.map((file) => [
        identity,
        source.toLowerCase(),
        placeText(file.fromMs),
        file.untilMs === null ? '-' : placeText(file.untilMs),
        file.codec,
        sizeText(file.sizeBytes),
        file.key,
      ]),
    ),
    'No tracks are kept of it, or not yet.',
  )
