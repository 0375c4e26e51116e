import type { BlobStore } from '@rtcstack/blobs'
import type { RecordingEndReason } from '@rtcstack/contract'
import type { Logger } from 'pino'
import { createBell } from '../../events/bell.ts'
import type { Egress } from '../../livekit/convert.ts'
import { createRoomWatch, type RoomLimits } from '../capture/room-watch.ts'
import { keysOf, placeOf } from '../keys.ts'
import type { RecordingRow } from '../row.ts'
import type { EgressEngine } from './engine.ts'
import { createEgressOrder } from './order.ts'
import { endReasonOf, errorOfEgress } from './outcome.ts'
import type { EgressStore, EgressWish } from './store.ts'

/** A recording that this process follows, from the request to its file. */
export interface Following {
  readonly id: string
  /** What is wanted of it now. */
  steer(wish: EgressWish): void
  /** Leaves it to another process, or to the next start of this one: the egress goes on. */
  leave(): void
  /** Never rejects. */
  readonly done: Promise<void>
}

export interface FollowingOptions {
  row: RecordingRow
  wish: EgressWish
  engine: EgressEngine
  store: EgressStore
  blobs: Pick<BlobStore, 'stat' | 'delete'>
  /** How many are in a room, without recorders. */
  countPeople(room: string): Promise<number>
  limits: RoomLimits
  log: Logger
}

const lookEveryMs = 1_000
/** Somebody waits for the start. */
const lookForStartEveryMs = 250

/** Asks what the egress does, and does what follows from it; what does not work is done again at the next look. */
export function followRecording(options: FollowingOptions): Following {
  const { row, engine, store, blobs } = options
  const { id, room } = row
  const log = options.log.child({ recordingId: id })
  const key = keyOf(row)
  const order = createEgressOrder({ row, key, engine, store, log })
  const watchRoom = createRoomWatch(options.limits)
  const bell = createBell()
  let { wish } = options
  let { startedAt } = row
  let hasLeft = false
  let hasEnded = false

  async function run(): Promise<void> {
    let failures = 0
    while (!hasLeft) {
      bell.silence()
      try {
        if (await look()) return
        failures = 0
      } catch (error) {
        if (++failures === 1) log.warn({ err: error }, 'an egress is looked at until that works')
      }
      await bell.rings(startedAt ? lookEveryMs : lookForStartEveryMs)
    }
  }

  /** Resolves to true when nothing more is to be done. */
  async function look(): Promise<boolean> {
    const egress = await order.look(wish.isGone)
    if (hasLeft) return true
    if (egress === 'waits') return false
    return egress === 'none' ? settle() : act(egress)
  }

  async function act(egress: Egress): Promise<boolean> {
    if (wish.isGone || order.hasFailed()) return remove(egress)
    switch (egress.state) {
      case 'starting':
        return false
      case 'active': {
        const since = await begin(egress)
        const reason = wish.isOver || hasEnded ? 'stopped' : await reasonToEnd(since)
        if (!reason) return false
        await noteEnd(egress, reason)
        await engine.stop(egress.id)
        return false
      }
      case 'ending':
        await begin(egress)
        await noteEnd(egress, endReasonOf(egress.state))
        return false
      case 'complete':
      case 'limit-reached':
        await begin(egress)
        await noteEnd(egress, endReasonOf(egress.state))
        return deliver(egress)
      case 'failed':
      case 'aborted':
        log.error({ engineId: egress.id, fault: egress.fault }, 'an egress failed')
        await store.failed(id, errorOfEgress(egress), 'recorder-failed')
        return settle()
    }
  }

  async function begin({ startedAt: at = new Date() }: Egress): Promise<Date> {
    if (startedAt) return startedAt
    await store.started(id, at, key)
    startedAt = at
    return at
  }

  async function reasonToEnd(since: Date): Promise<RecordingEndReason | undefined> {
    const watchesPeople = options.limits.emptyRoomSeconds > 0
    const participants = watchesPeople ? await options.countPeople(room) : 1
    return watchRoom({ durationMs: Date.now() - since.getTime(), participants })
  }

  /** From here on the room may have another recording; the first reason counts. */
  async function noteEnd({ durationMs }: Egress, reason: RecordingEndReason): Promise<void> {
    if (hasEnded || !startedAt) return
    await store.ended(id, { reason, durationMs: durationMs || Date.now() - startedAt.getTime() })
    hasEnded = true
  }

  /** True when it is ready or failed; what has been deleted meanwhile is heard of at the next look. */
  async function deliver({ durationMs, sizeBytes }: Egress): Promise<boolean> {
    const stored = await blobs.stat(key)
    if (stored && stored.sizeBytes > 0 && stored.sizeBytes === sizeBytes)
      return store.ready(id, { durationMs, sizeBytes })
    log.error({ sizeBytes, storedBytes: stored?.sizeBytes }, 'the file of an egress is not in the store')
    await store.failed(id, 'storage-refused', 'recorder-failed')
    return settle()
  }

  /** Of what is gone the egress ends, and then its file goes. */
  async function remove(egress: Egress): Promise<boolean> {
    const isRunning = egress.state === 'starting' || egress.state === 'active'
    if (isRunning) await engine.stop(egress.id)
    if (isRunning || egress.state === 'ending') return false
    await blobs.delete(key)
    return settle()
  }

  async function settle(): Promise<boolean> {
    await store.settled(id)
    return true
  }

  return {
    id,
    steer: (wanted) => {
      const isNews = wanted.isOver !== wish.isOver || wanted.isGone !== wish.isGone
      wish = wanted
      if (isNews) bell.ring()
    },
    leave: () => {
      hasLeft = true
      bell.ring()
    },
    done: run(),
  }
}

/** Where the file of an egress is. It has to be known before the start, so that its time is when that was asked for. */
export function keyOf({ id, room, createdAt }: Pick<RecordingRow, 'id' | 'room' | 'createdAt'>): string {
  // Egress would put something else in the place of `{time}` and the like.
  const plain = room.replaceAll(/[{}]/g, '_')
  return keysOf(placeOf({ id, room: plain, startedAt: createdAt })).file
}
