import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { RecordingDetail } from '@rtcstack/contract'
import { eventually, type RunningServer } from '@rtcstack/testkit'
import { expect } from 'vitest'
import { ffmpegs, renderers } from '../children.ts'
import { clientOf, uniqueName } from '../product.ts'
import { type Call, startCall } from './call.ts'
import { type Film, watch } from './film.ts'

/** A call that is recorded, for a test to do harm to. */
export interface RecordedCall {
  readonly id: string
  readonly room: string
  readonly call: Call
  /** Resolves when so much is recorded, in milliseconds from the start. */
  recorded(ms: number): Promise<void>
  /** Resolves when it has one of these states. */
  reaches(states: RecordingDetail['status'][], timeoutMs?: number): Promise<RecordingDetail>
  /** Stops it, waits until it is over, and checks that nothing is left over and all is told once. */
  finish(): Promise<RecordingDetail>
  /** The same for one that ends by itself. */
  settled(): Promise<RecordingDetail>
  /** From here on another server is asked, and looked at. */
  moveTo(server: RunningServer): void
  /** The file, decoded. */
  film(): Promise<Film>
  [Symbol.asyncDispose](): Promise<void>
}

export interface RecordedCallOptions {
  /** Folder of the store's bucket; the one in DATA_DIR unless told. */
  bucket?: string
  /** Where callers connect to; the server's own address unless told. */
  livekitUrl?: string
  /** How long the store, or whatever is away, may hold up the file. */
  settleLimitMs?: number
  /** Harm that is done as the start is asked for. */
  atStart?: (room: string) => Promise<void>
}

const startLimitMs = 30_000

/** Has two people talk in a room, and records them. */
export async function recordCall(
  asked: RunningServer,
  options: RecordedCallOptions = {},
): Promise<RecordedCall> {
  const { bucket = join(asked.dataDirectory, 'blobs'), settleLimitMs = 60_000 } = options
  let server = asked
  const recordings = () => clientOf(server).recordings
  const room = uniqueName('harmed')
  await using opened = new AsyncDisposableStack()
  const call = opened.use(await startCall(server, room, options.livekitUrl))
  // A busy machine may refuse once.
  const starting = eventually(() => recordings().start(room), { timeoutMs: startLimitMs })
  const [{ egressId: id }] = await Promise.all([starting, options.atStart?.(room)])
  const kept = opened.move()

  const reaches: RecordedCall['reaches'] = (states, timeoutMs = settleLimitMs) =>
    eventually(
      async () => {
        const found = await recordings().get(id)
        if (!states.includes(found.status)) throw new Error(`it is ${found.status}, ${found.error}`)
        return found
      },
      { timeoutMs, intervalMs: 100, message: `a recording that is ${states.join(' or ')}` },
    )
  const settled = async () => {
    const over = await reaches(['ready', 'failed'])
    await eventually(() => checkLeft(server, id, bucket), {
      timeoutMs: 20_000,
      intervalMs: 250,
      message: 'a tidy end',
    })
    await checkEvents(server, over)
    return over
  }
  return {
    id,
    room,
    call,
    recorded: async (ms) => {
      await eventually(async () => Number((await recordings().get(id)).durationMs) >= ms, {
        timeoutMs: ms + 60_000,
        message: `${ms} ms of recording`,
      })
    },
    reaches,
    settled,
    finish: async () => {
      await eventually(() => recordings().stop(room), { timeoutMs: 30_000, message: 'the stop' })
      return settled()
    },
    moveTo: (other) => {
      server = other
    },
    film: () => watch(server, id),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  }
}

/** Throws for what should be gone when a recording is over. */
async function checkLeft(server: RunningServer, id: string, bucket: string): Promise<void> {
  const { dataDirectory } = server
  expect(await namesIn(join(dataDirectory, 'recordings'))).not.toContain(id)
  expect(await namesIn(join(dataDirectory, 'rendering', id))).toEqual([])
  const stored = await namesIn(bucket, true)
  expect(stored.filter((name) => name.includes(id) && name.includes('/pieces/'))).toEqual([])
  expect(await renderers(server)).toEqual([])
  expect(await ffmpegs(server)).toEqual([])
}

async function checkEvents(server: RunningServer, recording: RecordingDetail): Promise<void> {
  const events = await Array.fromAsync(clientOf(server).events.all({ roomId: recording.roomId }))
  const told = events
    .filter(({ type }) => type.startsWith('recording_'))
    .map(({ type, data }) => [type, (data as { status: string }).status])
  const begins = recording.startedAt ? [['recording_started', 'recording']] : []
  const ends = recording.startedAt ? [['recording_stopped', recording.status]] : []
  expect(told).toEqual([...begins, ...ends])
}

const namesIn = (folder: string, recursive = false): Promise<string[]> =>
  readdir(folder, { recursive }).catch(() => [])
