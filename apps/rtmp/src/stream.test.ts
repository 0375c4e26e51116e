import { expect, test } from 'vitest'
import { aac, h264, sceneInput, startEncoder } from './testing/encoder.ts'
import { ingressId, publisher, setStage } from './testing/stage.ts'

test('x264 without B-frames is seen and heard within two seconds, copied as it is', {
  timeout: 60_000,
}, async () => {
  await using stage = await setStage()
  const caller = await stage.join()
  await using _encoder = startEncoder([...sceneInput(), ...h264(), ...aac], stage.url)
  await stage.intake.says('authorize')
  const askedAt = performance.now()
  await Promise.all([caller.sees(publisher, { colour: 'red' }), caller.hears(publisher, { toneHz: 440 })])
  const shownMs = performance.now() - askedAt
  process.stdout.write(`seen and heard after ${Math.round(shownMs)} ms\n`)
  expect(await stage.intake.says('started')).toEqual({
    type: 'started',
    ingressId,
    video: { codec: 'h264', width: 640, height: 360, framesPerSecond: 30 },
    audio: { codec: 'aac', sampleRateHz: 48_000, channels: 1 },
  })
  expect((await stage.intake.says('stats', { place: 1 })).isTranscoding).toBe(false)
  expect(shownMs).toBeLessThan(2_000)
})
