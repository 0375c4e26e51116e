import { execFile } from 'node:child_process'
import { mkdtemp, rm, statfs, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { eventually, startServer } from '@rtcstack/testkit'
import { expect, test } from 'vitest'
import { clientOf, problemOf, uniqueName } from '../product.ts'
import { recordCall } from './recorded-call.ts'

const run = promisify(execFile)
const sizeMb = 200
const minFreeMb = 60

test.skipIf(process.getuid?.() !== 0)(
  'a disk that fills up ends recordings with what there is, and the API goes on',
  {
    timeout: 180_000,
  },
  async (context) => {
    await using opened = new AsyncDisposableStack()
    const directory = await mkdtemp(join(tmpdir(), 'rtcstack-full-'))
    opened.defer(() => rm(directory, { recursive: true, force: true }))
    const mounted = await run('mount', ['-t', 'tmpfs', '-o', `size=${sizeMb}m`, 'none', directory]).catch(
      () => undefined,
    )
    if (!mounted) return context.skip('this machine mounts nothing for a test')
    opened.defer(async () => void (await run('umount', ['-l', directory])))
    const server = opened.use(
      await startServer({
        dataDirectory: directory,
        env: {
          RECORDING_MIN_FREE_MB: `${minFreeMb}`,
          RENDER_WIDTH: '640',
          RENDER_HEIGHT: '360',
          RENDER_FPS: '15',
        },
      }),
    )
    const recorded = opened.use(await recordCall(server))
    await recorded.recorded(4_000)
    const filler = join(directory, 'filler')
    await fill(filler, minFreeMb - 20)
    await server.kill()
    await server.restart()
    expect(await recorded.settled()).toMatchObject({ status: 'ready', endReason: 'disk-full' })
    expect((await recorded.film()).durationMs).toBeGreaterThan(3_500)
    const { recordings, rooms } = clientOf(server)
    expect(await problemOf(recordings.start(recorded.room))).toMatchObject({ slug: 'recorder-capacity' })
    await rooms.create({ name: uniqueName('full') })
    await rm(filler)
    await eventually(() => recordings.start(recorded.room), { timeoutMs: 20_000 })
    await recordings.stop(recorded.room)
  },
)

/** Leaves so many megabytes free. */
async function fill(file: string, freeMb: number): Promise<void> {
  const { bavail, bsize } = await statfs(join(file, '..'))
  await writeFile(file, Buffer.alloc(Math.max(0, bavail * bsize - freeMb * 2 ** 20)))
}
