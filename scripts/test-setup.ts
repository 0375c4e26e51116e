import { dirname } from 'node:path'
import { pino } from 'pino'
import { findLiveKitServer } from '../apps/server/src/livekit/binary/find.ts'

/** Finds or makes the livekit-server once, before the tests, and puts it on their PATH. */
export async function setup(): Promise<void> {
  const binary = await findLiveKitServer({
    log: pino({ level: 'info' }, pino.destination({ dest: 2, sync: true })),
  })
  process.env.PATH = `${dirname(binary)}:${process.env.PATH}`
}
