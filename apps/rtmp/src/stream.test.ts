import { spawnSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { eventually } from '@rtcstack/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { aac, h264, type Scene, sceneInput, startEncoder } from './testing/encoder.ts'
import { ingressId, publisher, type Stage, setStage } from './testing/stage.ts'

const hasGStreamer = spawnSync('gst-inspect-1.0', ['rtmp2sink']).status === 0
if (!hasGStreamer) process.stderr.write('SKIPPED: GStreamer, as there is no rtmp2sink\n')

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rtmp-'))
})
afterAll(() => rm(folder, { recursive: true }))

/** A file with ten seconds of a scene. */
function record(name: string, scene: Scene, encoding: string[]): string {
  const file = join(folder, name)
  const input = sceneInput(scene).filter((word) => word !== '-re')
  const { status, stderr } = spawnSync('ffmpeg', ['-v', 'error', ...input, '-t', '10', ...encoding, file])
  if (status !== 0) throw new Error(String(stderr))
  return file
}

/** Waits until an encoder's picture and tone reach a caller; how long that takes from when its key is checked. */
async function shownMs(stage: Stage, { colour = 'red', toneHz = 440 }: Scene = {}): Promise<number> {
  const caller = await stage.join()
  await stage.intake.says('authorize')
  const askedAt = performance.now()
  await Promise.all([caller.sees(publisher, { colour }), caller.hears(publisher, { toneHz })])
  return performance.now() - askedAt
}

const isTranscoding = async (stage: Stage) => {
  await stage.intake.says('stats')
  return stage.intake.said.findLast((event) => event.type === 'stats')?.isTranscoding
}

describe('within two seconds a caller sees and hears', { timeout: 60_000 }, () => {
  test('x264 without B-frames, copied', async () => {
    await using stage = await setStage()
    await using _encoder = startEncoder([...sceneInput(), ...h264(), ...aac], stage.url)
    expect(await shownMs(stage)).toBeLessThan(2_000)
    expect(await stage.intake.says('started')).toEqual({
      type: 'started',
      ingressId,
      video: { codec: 'h264', width: 640, height: 360, framesPerSecond: 30 },
      audio: { codec: 'aac', sampleRateHz: 48_000, channels: 1 },
    })
    const { video, audio } = await stage.intake.says('stats', { place: 1 })
    expect(video?.bitrate).toBeGreaterThan(20_000)
    expect(audio?.bitrate).toBeGreaterThan(5_000)
    expect(await isTranscoding(stage)).toBe(false)
  })

  test('a file that is sent as it is', async () => {
    const file = record('copied.flv', { colour: 'green', toneHz: 600 }, [...h264({ keyFrames: 60 }), ...aac])
    await using stage = await setStage()
    await using _encoder = startEncoder(['-re', '-i', file, '-c', 'copy'], stage.url)
    expect(await shownMs(stage, { colour: 'green', toneHz: 600 })).toBeLessThan(2_000)
    expect(await isTranscoding(stage)).toBe(false)
  })

  test('x264 with B-frames, encoded anew', async () => {
    await using stage = await setStage()
    await using _encoder = startEncoder(
      [...sceneInput({ colour: 'blue' }), ...h264({ bFrames: 3, keyFrames: 60 }), ...aac],
      stage.url,
    )
    expect(await shownMs(stage, { colour: 'blue' })).toBeLessThan(2_000)
    expect(await isTranscoding(stage)).toBe(true)
  })

  test.skipIf(!hasGStreamer)("GStreamer's rtmp2sink", async () => {
    await using stage = await setStage()
    const pipeline = [
      `videotestsrc is-live=true pattern=solid-color foreground-color=0xffff0000 ! video/x-raw,width=320,height=180,framerate=30/1`,
      `! x264enc tune=zerolatency key-int-max=30 ! video/x-h264,profile=baseline ! h264parse ! flvmux name=mux streamable=true`,
      `! rtmp2sink location=${stage.url} audiotestsrc is-live=true freq=440 ! audioconvert ! avenc_aac ! aacparse ! mux.`,
    ]
    await using _encoder = startEncoder(['-c', `exec gst-launch-1.0 ${pipeline.join(' ')}`], '', '', 'sh')
    const caller = await stage.join()
    await stage.intake.says('authorize')
    const askedAt = performance.now()
    await caller.sees(publisher, { colour: 'red', moving: false })
    await caller.hears(publisher, { toneHz: 440 })
    expect(performance.now() - askedAt).toBeLessThan(2_000)
  })

  test('sound alone, and a picture alone', async () => {
    await using stage = await setStage()
    const caller = await stage.join()
    {
      await using _encoder = startEncoder([...sceneInput(), '-vn', ...aac], stage.url)
      await stage.intake.says('authorize')
      const askedAt = performance.now()
      await caller.hears(publisher, { toneHz: 440 })
      expect(performance.now() - askedAt).toBeLessThan(2_000)
      expect(await stage.intake.says('started')).not.toHaveProperty('video')
    }
    await stage.intake.says('stopped')
    await using _encoder = startEncoder([...sceneInput(), '-an', ...h264()], stage.url)
    await stage.intake.says('authorize', { place: 1 })
    const askedAt = performance.now()
    await caller.sees(publisher, { colour: 'red' })
    expect(performance.now() - askedAt).toBeLessThan(2_000)
    expect(await stage.intake.says('started', { place: 1 })).not.toHaveProperty('audio')
  })

  test('a stream whose time wraps at 32 bits a moment later', async () => {
    await using stage = await setStage()
    const offset = ['-output_ts_offset', String((2 ** 32 - 5_000) / 1000)]
    await using _encoder = startEncoder([...sceneInput(), ...h264(), ...aac, ...offset], stage.url)
    expect(await shownMs(stage)).toBeLessThan(2_000)
    await stage.intake.says('stats', { place: 6 })
    const caller = await stage.join()
    await Promise.all([caller.sees(publisher, { colour: 'red' }), caller.hears(publisher, { toneHz: 440 })])
    expect(stage.intake.said.filter(({ type }) => type === 'stopped')).toEqual([])
  })
})

test('B-frames that begin later, and another size, are seen as they come', { timeout: 60_000 }, async () => {
  const parts = [
    record('1.ts', { colour: 'red' }, ['-t', '4', ...h264(), ...aac]),
    record('2.ts', { colour: 'green', size: '320x180' }, ['-t', '4', ...h264(), ...aac]),
    record('3.ts', { colour: 'blue' }, ['-t', '8', ...h264({ bFrames: 3, keyFrames: 60 }), ...aac]),
  ]
  await using stage = await setStage()
  const caller = await stage.join()
  const input = ['-re', '-i', `concat:${parts.join('|')}`]
  await using _encoder = startEncoder([...input, '-c', 'copy', '-bsf:a', 'aac_adtstoasc'], stage.url)
  await caller.sees(publisher, { colour: 'red' })
  await caller.sees(publisher, { colour: 'green' })
  expect(await isTranscoding(stage)).toBe(false)
  await caller.sees(publisher, { colour: 'blue' })
  await eventually(async () => expect(await isTranscoding(stage)).toBe(true))
  await caller.hears(publisher, { toneHz: 440 })
})

test('key frames that are more than four seconds apart are made more frequent', {
  timeout: 60_000,
}, async () => {
  await using stage = await setStage()
  await using _encoder = startEncoder([...sceneInput(), ...h264({ keyFrames: 900 }), ...aac], stage.url)
  await shownMs(stage)
  expect(await isTranscoding(stage)).toBe(false)
  await eventually(async () => expect(await isTranscoding(stage)).toBe(true), { timeoutMs: 10_000 })
  const late = await stage.join()
  await late.sees(publisher, { colour: 'red', timeoutMs: 4_000 })
})
