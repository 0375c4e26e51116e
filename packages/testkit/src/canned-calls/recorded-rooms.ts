import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Client, createClient, type RecordingDetail } from '@rtcstack/sdk'
import type { Colour } from '../calls/video-pattern.ts'
import { eventually } from '../eventually.ts'
import type { RunningServer } from '../server.ts'
import { buildCannedCallers, type CannedCaller, type SentTrack, startCannedCallers } from './callers.ts'
import { faultsOfTrack } from './kept-track.ts'
import { type CannedMedia, makeCannedMedia } from './media.ts'
import { type Packet, readPackets } from './media-tool.ts'
import { faultsOfMovie } from './movie.ts'

export interface RecordedRoomsOptions {
  rooms: number
  /** Up to four. */
  callers: number
  seconds: number
  /** Called when all are being recorded; what it gives is waited for before they are stopped. */
  meanwhile?(callersPid: number): Promise<unknown>
  /** For all files, from the stop on; 10 minutes unless told. */
  readyTimeoutMs?: number
}

/** What came of rooms that were recorded at once. */
export interface RecordedRooms {
  /** From each request to start to its answer. */
  startsMs: number[]
  /** From the stop to the last of the files. */
  readyMs: number
  frames: { sent: number; kept: number }
  /** What is wrong with the files, nothing when all is right. */
  faults: string[]
}

const lines: [Colour, number][] = [
  ['red', 440],
  ['green', 710],
  ['blue', 1_150],
  ['yellow', 1_860],
]
const everyMs = { audio: 20, video: 1_000 / 15 }

/** Records many rooms at once, in which each caller sends a colour and a tone, and looks at every file that comes of it. */
export async function recordRooms(
  { url, apiSecret }: Pick<RunningServer, 'url' | 'apiSecret'>,
  options: RecordedRoomsOptions,
): Promise<RecordedRooms> {
  const { rooms, callers: callersPerRoom, seconds, meanwhile, readyTimeoutMs = 600_000 } = options
  const client = createClient({ url, apiKey: apiSecret })
  const directory = await mkdtemp(join(tmpdir(), 'rtcstack-rooms-'))
  try {
    const program = await buildCannedCallers(directory)
    const media = await Promise.all(
      lines.slice(0, callersPerRoom).map((line) => makeCannedMedia(directory, ...line)),
    )
    const names = Array.from({ length: rooms }, (_, index) => `room-${index}`)
    const joining = names.map((room) => enrol(client, room, media))
    await using callers = await startCannedCallers(program, (await Promise.all(joining)).flat())
    // One after the other: a recorder is a process, and beginning twenty of them at once is not what is asked here.
    const starts = []
    for (const room of names) starts.push(await timed(() => client.recordings.start(room)))
    const ids = starts.map(({ value }) => value.egressId)
    await Promise.all([
      meanwhile?.(callers.pid),
      eventually(
        async () =>
          (await Promise.all(ids.map((id) => client.recordings.get(id)))).every(
            ({ durationMs }) => Number(durationMs) >= seconds * 1_000,
          ),
        { timeoutMs: seconds * 1_000 + 60_000, intervalMs: 1_000, message: 'so much to be recorded' },
      ),
    ])
    const sent = await callers.stop()
    await Promise.all(names.map((room) => client.recordings.stop(room)))
    const stoppedAtMs = performance.now()
    const recordings = await eventually(() => allEnded(client, ids), {
      timeoutMs: readyTimeoutMs,
      intervalMs: 500,
      message: 'every file',
    })
    const readyMs = performance.now() - stoppedAtMs
    const frames = { sent: 0, kept: 0 }
    const faults: string[] = []
    for (const recording of recordings) {
      const looked = await lookAt(client, recording, { directory, media, sent })
      faults.push(...looked.faults.map((fault) => `${recording.roomId}: ${fault}`))
      frames.kept += looked.kept
    }
    for (const track of sent) frames.sent += track.frames
    return { startsMs: starts.map(({ tookMs }) => tookMs), readyMs, frames, faults }
  } finally {
    await rm(directory, { recursive: true })
  }
}

async function enrol(client: Client, room: string, media: CannedMedia[]): Promise<CannedCaller[]> {
  await client.rooms.create({ name: room })
  const callers = media.map(async (one) => {
    const identity = { userId: `${room} ${one.colour}`, name: one.colour }
    const { url, token } = await client.tokens.create({ roomId: room, ...identity, role: 'participant' })
    return { url, token, media: one }
  })
  return Promise.all(callers)
}

/** Undefined while one of them goes on; a `failed` one is among what is looked at. */
async function allEnded(client: Client, ids: string[]): Promise<RecordingDetail[] | false> {
  const found = await Promise.all(ids.map((id) => client.recordings.get(id)))
  return found.every(({ status }) => ['ready', 'failed'].includes(status)) && found
}

interface Evidence {
  directory: string
  media: CannedMedia[]
  sent: SentTrack[]
}

async function lookAt(
  client: Client,
  recording: RecordingDetail,
  { directory, media, sent }: Evidence,
): Promise<{ faults: string[]; kept: number }> {
  const { recordingId, roomId, status, error, tracks, durationMs } = recording
  if (status !== 'ready') return { faults: [`${status}: ${error}`], kept: 0 }
  const faults: string[] = []
  let kept = 0
  if (tracks.length !== 2 * media.length) faults.push(`it has ${tracks.length} tracks`)
  for (const { identity, kind, files } of tracks) {
    const canned = media.find(({ colour }) => identity === `${roomId} ${colour}`)
    const frames = (kind === 'audio' ? canned?.soundFrames : canned?.videoFrames) ?? []
    const packets: Packet[] = []
    for (const { key } of files) {
      const read = await readPackets(await download(client, recordingId, key, directory))
      // A file of sound begins with what is at the end of the one before.
      const last = packets.at(-1)?.atMs ?? Number.NEGATIVE_INFINITY
      packets.push(...read.filter(({ atMs }) => atMs > last + 1))
    }
    const count = sent.find((one) => one.identity === identity && one.kind === kind)?.frames ?? 0
    const found = faultsOfTrack(packets, frames, count, everyMs[kind as 'audio' | 'video'])
    faults.push(...found.map((fault) => `${kind} of ${identity}: ${fault}`))
    kept += packets.length
  }
  const movie = await download(client, recordingId, undefined, directory)
  const expected = {
    durationMs: durationMs ?? 0,
    framesPerSecond: 25,
    colours: media.map(({ colour }) => colour),
    tonesHz: media.map(({ toneHz }) => toneHz),
  }
  return { faults: [...faults, ...(await faultsOfMovie(movie, expected))], kept }
}

async function download(
  client: Client,
  recordingId: string,
  key: string | undefined,
  directory: string,
): Promise<string> {
  const { url } = await client.recordings.link(recordingId, key === undefined ? {} : { key })
  const answer = await fetch(url)
  if (!answer.ok) throw new Error(`${url} answers ${answer.status}`)
  const file = join(directory, 'file')
  await writeFile(file, Buffer.from(await answer.arrayBuffer()))
  return file
}

async function timed<T>(work: () => Promise<T>): Promise<{ value: T; tookMs: number }> {
  const startedAt = performance.now()
  const value = await work()
  return { value, tookMs: performance.now() - startedAt }
}
