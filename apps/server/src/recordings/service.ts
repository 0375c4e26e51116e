import type { AnswerOf, getRoomRecording, startRecording, stopRecording } from '@rtcstack/contract'
import type { Picture } from '../database/tables.ts'
import { problems } from '../http/problem.ts'
import type { LiveKit } from '../livekit/client.ts'
import type { RecordingBells } from './bell.ts'
import { newId } from './id.ts'
import type { RecordingRow } from './row.ts'
import type { RecordingStore } from './store.ts'

interface RecordingServiceOptions {
  store: RecordingStore
  bells: RecordingBells
  livekit: Pick<LiveKit, 'listRooms'>
  bucket: string
  picture: Picture
  /** LiveKit's Egress cannot. */
  canPause: boolean
}

/** What a start gives, with whether it is this call that started it. */
interface Begun {
  isNew: boolean
  recording: Omit<AnswerOf<typeof startRecording, 201>, 'status'>
}

/** Of the 5 seconds that are promised, what is left beside the questions before and after. */
const startLimitMs = 4_600
const pauseLimitMs = 4_000

/** Starts, pauses and stops recordings of rooms. Who does it, and what becomes of it, is the workers' business. */
export function createRecordingService(options: RecordingServiceOptions) {
  const { store, bells, livekit, bucket, picture, canPause } = options

  /** The recording of a room; not one whose start nobody waits for any more, as after the end of a server. */
  async function findActive(room: string): Promise<RecordingRow | undefined> {
    const active = await store.findActive(room)
    const isGivenUp = active?.state === 'starting' && (await store.giveUp(active.id, startLimitMs))
    return isGivenUp ? undefined : active
  }

  async function requireActive(room: string): Promise<RecordingRow> {
    const active = await findActive(room)
    if (!active) throw problems.recordingNotRunning()
    return active
  }

  /** The row when it has started, or come to nothing, which it has when its time is over. */
  async function whenStarted(id: string): Promise<RecordingRow | undefined> {
    const row = await bells.until(id, startLimitMs, async () => {
      const found = await store.find(id)
      return found?.state === 'starting' ? undefined : (found ?? null)
    })
    if (row !== undefined) return row ?? undefined
    await store.giveUp(id, startLimitMs)
    // It may have started at this very moment.
    return store.find(id)
  }

  async function begin(room: string): Promise<{ id: string; isNew: boolean }> {
    const active = await findActive(room)
    if (active) return { id: active.id, isNew: false }
    const [info] = await livekit.listRooms([room])
    if (!info) throw problems.roomNotFound()
    if (!(await store.hasCapacity())) throw problems.recorderCapacity()
    const id = newId('EG')
    if (await store.begin(id, room, bucket, picture)) return { id, isNew: true }
    // Another one was begun meanwhile; where that is over already, this one is begun after all.
    return begin(room)
  }

  async function setPause(room: string, wantsPause: boolean): Promise<string> {
    const { id } = await requireActive(room)
    if (!canPause) throw problems.conflict('LiveKit Egress, which records here, cannot pause')
    await store.wantPause(id, wantsPause)
    const outcome = await bells.until(id, pauseLimitMs, async () => {
      const row = await store.find(id)
      if (row?.state !== 'recording' && row?.state !== 'starting') return 'over'
      if (row.wantsPause !== wantsPause) return 'overruled'
      return row.isPaused === wantsPause ? 'done' : undefined
    })
    switch (outcome) {
      case 'done':
        return id
      case 'over':
        throw problems.recordingNotRunning()
      case 'overruled':
        throw problems.conflict('Somebody else wanted the opposite meanwhile')
      case undefined:
        // It is refused, so it must not come true later.
        await store.wantPause(id, !wantsPause)
        throw problems.recorderCapacity()
    }
  }

  return {
    /** Starts a recording of a room, or gives the one that runs, when its first media is written. */
    async start(room: string): Promise<Begun> {
      const { id, isNew } = await begin(room)
      const row = await whenStarted(id)
      if (!row?.startedAt) throw problems.recorderCapacity()
      return { isNew, recording: { egressId: id, roomId: room, startedAt: row.startedAt.toISOString() } }
    },

    /** Stops the recording of a room; one that is just starting, as soon as it has, so that there is something to play. */
    async stop(room: string): Promise<AnswerOf<typeof stopRecording, 200>> {
      const { id, state } = await requireActive(room)
      if (state === 'starting') await whenStarted(id)
      const stoppedAt = await store.stop(id, 'stopped')
      if (!stoppedAt) throw problems.recordingNotRunning()
      return { egressId: id, status: 'stopped', stoppedAt: stoppedAt.toISOString() }
    },

    /** The room is gone, also for a recorder that LiveKit could not tell: by its name it would make it anew. */
    async roomRemoved(room: string): Promise<void> {
      const active = await store.findActive(room)
      if (active) await store.stop(active.id, 'room-closed')
    },

    /** Resolves to its id when nothing more is kept. */
    pause: (room: string) => setPause(room, true),

    resume: (room: string) => setPause(room, false),

    async status(room: string): Promise<AnswerOf<typeof getRoomRecording, 200>> {
      const active = await store.findActive(room)
      const startedAt = active?.startedAt?.toISOString() ?? null
      return startedAt === null || !active
        ? { isRecording: false, egressId: null, startedAt: null }
        : { isRecording: true, egressId: active.id, startedAt }
    },
  }
}

export type RecordingService = ReturnType<typeof createRecordingService>
