import { expect, it } from 'vitest'
import { findLiveKit, startLiveKit } from './livekit.ts'

const hasLiveKit = findLiveKit() !== undefined
if (!hasLiveKit)
  process.stderr.write(
    'SKIPPED: LiveKit alone, as neither LIVEKIT_SERVER nor the PATH names a livekit-server\n',
  )

it.skipIf(!hasLiveKit)('runs alone, and comes back at the same address after a crash', async () => {
  await using livekit = await startLiveKit()
  expect((await fetch(livekit.url)).status).toBe(200)
  await livekit.kill()
  await expect(fetch(livekit.url)).rejects.toThrow()
  await livekit.restart()
  expect((await fetch(livekit.url)).status).toBe(200)
})
