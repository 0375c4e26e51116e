import { setTimeout as pause } from 'node:timers/promises'
import type { Client } from '@rtcstack/sdk'
import { placeText } from '../recordings/time.ts'
import { untilOver } from '../recordings/wait.ts'
import { callWithMedia } from './call.ts'

const recordedMs = 2000
const lookEveryMs = 100
/** A machine that is busy renders at low priority. */
const readyLimitMs = 60_000

/** What the doctor needs of a file: whether it is there, by a HEAD, and how large. */
export type FileSize = (recordingId: string) => Promise<number>

/** A call is recorded for two seconds; its file must come to be in the store, and is deleted again. Says what came of it. */
export async function recordCall(client: Client, room: string, fileSize: FileSize): Promise<string> {
  const { recordings } = client
  let recordingId: string | undefined
  try {
    const recorded = await callWithMedia(client, room, async () => {
      recordingId = (await recordings.start(room)).egressId
      await untilLong(client, recordingId)
      return (await recordings.stop(room)).egressId
    })
    const { status, error, durationMs } = await untilOver(client, recorded, { limitMs: readyLimitMs })
    if (status === 'failed') throw new Error(`the recording failed: ${error}`)
    if ((await fileSize(recorded)) === 0) throw new Error('the file of the recording is empty')
    return `${placeText(durationMs ?? 0)} of the call became an MP4`
  } finally {
    if (recordingId !== undefined) await discard(client, room, recordingId)
  }
}

/** Whatever has become of it, it is not left behind; what was wrong has been found by then. */
async function discard({ recordings }: Client, room: string, recordingId: string): Promise<void> {
  await recordings.stop(room).catch(() => undefined)
  await recordings.delete(recordingId).catch(() => undefined)
}

async function untilLong({ recordings }: Client, recordingId: string): Promise<void> {
  const startedAt = performance.now()
  while (performance.now() - startedAt < readyLimitMs) {
    const { status, durationMs } = await recordings.get(recordingId)
    if (status !== 'recording') throw new Error(`the recording is ${status} already`)
    if ((durationMs ?? 0) >= recordedMs) return
    await pause(lookEveryMs)
  }
  throw new Error(`nothing of the call was recorded within ${readyLimitMs / 1000} s`)
}
