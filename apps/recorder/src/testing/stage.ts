import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { eventually, type RunningLiveKit, startLiveKit } from '@rtcstack/testkit'
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest'
import type { RecorderJob } from '../messages.ts'
import type { Call } from './call.ts'
import type { RecorderProcess } from './recorder-process.ts'

/** What the tests of a file have to record with: a LiveKit for all of them, and a folder for each. */
export interface Stage {
  readonly livekit: RunningLiveKit
  readonly directory: string
  /** Gives a recorder the job to record a call into the folder. */
  job(recorder: RecorderProcess, call: Call, parts?: Partial<RecorderJob>): Promise<void>
  /** The same, and resolves to when the recording started, in milliseconds since 1970. */
  records(recorder: RecorderProcess, call: Call, parts?: Partial<RecorderJob>): Promise<number>
}

export function setStage(): Stage {
  let livekit: RunningLiveKit
  let directory: string
  beforeAll(async () => {
    livekit = await startLiveKit()
  }, 30_000)
  afterAll(() => livekit[Symbol.asyncDispose]())
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'recorder-'))
  })
  afterEach(() => rm(directory, { recursive: true }))

  const job: Stage['job'] = async (recorder, call, parts = {}) => {
    const token = await call.recorderToken()
    recorder.tell({ type: 'record', recordingId: 'EG_1', url: call.url, token, directory, ...parts })
  }
  return {
    get livekit() {
      return livekit
    },
    get directory() {
      return directory
    },
    job,
    records: async (recorder, call, parts) => {
      await job(recorder, call, parts)
      const { startedAt } = await recorder.says('started')
      return Date.parse(startedAt)
    },
  }
}

/** Lets a call go on for a time. */
export function forMs(ms: number): Promise<unknown> {
  const from = performance.now()
  return eventually(() => performance.now() - from >= ms, { timeoutMs: ms + 1_000 })
}
