import { readdir, readFile, readlink } from 'node:fs/promises'
import {
  clapHz,
  eventually,
  joinCall,
  levelAt,
  publishClapper,
  readPictures,
  readSound,
} from '@rtcstack/testkit'
import { expect, test } from 'vitest'
import { uniqueName, useServer } from '../product.ts'
import { openDownloads, untilRecorded, whenFinished } from './recorded.ts'

/** Minutes between the claps at the beginning and those at the end: 10 is the promise, and takes that long. */
const minutes = Number(process.env.RECORDING_SYNC_MINUTES ?? 0)
const size = { width: 320, height: 180 }
/** A frame each 20 ms, as a file of 25 a second tells a time to 40 ms only. */
const product = useServer({
  RENDER_WIDTH: `${size.width}`,
  RENDER_HEIGHT: `${size.height}`,
  RENDER_FPS: '50',
})
const limitMs = 40

// The recorder is found by what Linux tells of processes.
test.skipIf(process.platform !== 'linux')(
  'a flash and a beep that were one are within 40 ms in the file, from its start on and after its recorder stood still',
  async () => {
    const { client } = product
    await using downloads = await openDownloads()
    const room = uniqueName('claps')
    await client.rooms.create({ name: room })
    await using ada = await joinCall(await product.token(room, 'ada', 'host'))
    const clapper = await publishClapper(ada)
    const { egressId } = await client.recordings.start(room)
    await untilRecorded(client, egressId, 7_000)
    const recorder = await recorderOf(egressId)
    const stoodStillFromMs = Number((await client.recordings.get(egressId)).durationMs)
    process.kill(recorder, 'SIGSTOP')
    try {
      await standsStill(recorder)
      await untilRecorded(client, egressId, stoodStillFromMs + 1_000)
    } finally {
      process.kill(recorder, 'SIGCONT')
    }
    await untilRecorded(client, egressId, stoodStillFromMs + 8_000 + minutes * 60_000)
    await client.recordings.stop(room)
    await clapper.stop()
    expect(await whenFinished(client, egressId, 120_000 + minutes * 60_000)).toMatchObject({
      status: 'ready',
    })
    const file = await downloads.save(client, egressId)
    const [flashes, beeps] = await Promise.all([flashesOf(file), beepsOf(file)])
    const pairs = flashes.flatMap((flashMs) => {
      const beepMs = beeps.find((atMs) => Math.abs(atMs - flashMs) < 400)
      return beepMs === undefined ? [] : [{ flashMs, apartMs: flashMs - beepMs }]
    })
    const [before, after] = [
      pairs.filter(({ flashMs }) => flashMs < stoodStillFromMs),
      pairs.filter(({ flashMs }) => flashMs > stoodStillFromMs + 2_500),
    ]
    expect(before.length).toBeGreaterThanOrEqual(5)
    expect(after.length).toBeGreaterThanOrEqual(4 + 58 * minutes)
    for (const claps of [before, after]) {
      // A caller whose process has no time for a moment moves some of them itself: the middle one tells of the recording.
      const apartMs = claps.map((clap) => clap.apartMs).sort((one, other) => one - other)
      expect(Math.abs(apartMs[Math.floor(claps.length / 2)] ?? 0), JSON.stringify(pairs)).toBeLessThanOrEqual(
        limitMs,
      )
    }
  },
  // What is recorded, and as much again for its rendering.
  240_000 + minutes * 120_000,
)

/** The recorder of a recording: the server keeps another one in hand, which has no file of it open. */
const recorderOf = (id: string): Promise<number> =>
  eventually(async () => {
    for (const pid of await product.server.childPids()) {
      const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
      if (!command.includes('apps/recorder/')) continue
      const open = await Promise.all(
        (await readdir(`/proc/${pid}/fd`)).map((fd) => readlink(`/proc/${pid}/fd/${fd}`).catch(() => '')),
      )
      if (open.some((path) => path.includes(id))) return pid
    }
    throw new Error('no recorder has a file of the recording open')
  })

const standsStill = (pid: number) =>
  eventually(async () => /\) T /.test(await readFile(`/proc/${pid}/stat`, 'utf8')))

/** When the picture turns bright. */
async function flashesOf(file: string): Promise<number[]> {
  const pictures = await readPictures(file, { width: 32, height: 18 })
  // Above the label.
  const isBright = pictures.map(({ data }) => (data[9 * 32 + 16] ?? 0) > 130)
  return pictures.flatMap(({ atMs }, index) =>
    isBright[index] && isBright[index - 1] === false ? [atMs] : [],
  )
}

/** When a beep begins, to 5 ms. */
async function beepsOf(file: string): Promise<number[]> {
  const sound = await readSound(file)
  const stepMs = 5
  const isLoud = Array.from(
    { length: Math.floor(sound.durationMs / stepMs) },
    (_, index) => levelAt(clapHz, sound.between(index * stepMs, (index + 1) * stepMs)) > 0.05,
  )
  const quietBefore = (index: number) => isLoud.slice(Math.max(0, index - 40), index).every((loud) => !loud)
  return isLoud.flatMap((loud, index) => (loud && quietBefore(index) ? [index * stepMs] : []))
}
