import { hasCannedCallers, recordRooms } from '@rtcstack/testkit'
import { expect, test } from 'vitest'
import { useServer } from '../product.ts'

const product = useServer()
const seconds = Number(process.env.RECORDED_ROOMS_SECONDS ?? 12)
const rooms = Number(process.env.RECORDED_ROOMS ?? 3)

if (!hasCannedCallers())
  process.stderr.write('SKIPPED: many rooms recorded at once, as their callers are built with Go\n')

test.skipIf(!hasCannedCallers())(
  'every frame that is sent in rooms that are recorded at once is kept, and each file shows and sounds all of its callers',
  { timeout: 600_000 },
  async () => {
    const { faults, frames } = await recordRooms(product.server, { rooms, callers: 4, seconds })
    expect(faults).toEqual([])
    expect(frames.kept).toBeGreaterThan(rooms * 4 * (seconds - 1) * (50 + 15))
  },
)
