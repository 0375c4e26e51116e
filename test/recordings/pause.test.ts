import {
  type Colour,
  eventually,
  joinCall,
  look,
  nameColour,
  readPictures,
  readSound,
  type ToneHz,
} from '@rtcstack/testkit'
import { expect, test, vi } from 'vitest'
import { uniqueName, useServer } from '../product.ts'
import { openDownloads, untilRecorded, whenFinished } from './recorded.ts'

// 15 s are recorded, rendered and decoded, on two cores that other tests use too.
vi.setConfig({ testTimeout: 120_000 })
const size = { width: 320, height: 180 }
const product = useServer({ RENDER_WIDTH: `${size.width}`, RENDER_HEIGHT: `${size.height}` })
const openly = {
  ada: { colour: 'red', toneHz: 440 },
  bob: { colour: 'blue', toneHz: 700 },
} as const satisfies Record<string, { colour: Colour; toneHz: ToneHz }>
const secretly = {
  ada: { colour: 'green', toneHz: 1_000 },
  bob: { colour: 'yellow', toneHz: 1_500 },
} as const satisfies Record<string, { colour: Colour; toneHz: ToneHz }>
const secretColours: (Colour | undefined)[] = Object.values(secretly).map(({ colour }) => colour)

test('of the time of a pause there is not a frame nor a sound in any file, and the file shows a card and is silent', async () => {
  const { client } = product
  const { recordings } = client
  await using downloads = await openDownloads()
  const room = uniqueName('paused')
  await client.rooms.create({ name: room })
  const join = async (name: 'ada' | 'bob') => {
    const { colour, toneHz } = openly[name]
    const token = await product.token(room, name, 'host')
    return joinCall({ ...token, publish: { video: colour, audio: toneHz } })
  }
  await using ada = await join('ada')
  await using bob = await join('bob')
  const eachSees = async (shown: typeof openly | typeof secretly) => {
    await Promise.all([
      ada.sees('bob', { colour: shown.bob.colour }),
      ada.hears('bob', { toneHz: shown.bob.toneHz }),
      bob.sees('ada', { colour: shown.ada.colour }),
      bob.hears('ada', { toneHz: shown.ada.toneHz }),
    ])
  }
  await eachSees(openly)
  const { egressId, startedAt } = await recordings.start(room)
  const now = () => Date.now() - new Date(startedAt).getTime()
  await untilRecorded(client, egressId, 4_000)
  const pause = { calledMs: now(), doneMs: 0, endsMs: 0, resumedMs: 0 }
  expect(await recordings.pause(room)).toEqual({ egressId, status: 'paused' })
  pause.doneMs = now()
  ada.changeTo(secretly.ada)
  bob.changeTo(secretly.bob)
  expect(await recordings.get(egressId)).toMatchObject({ isPaused: true, status: 'recording' })
  expect(await recordings.status(room)).toEqual({ isRecording: true, egressId, startedAt })
  await eachSees(secretly)
  await untilRecorded(client, egressId, 8_000)
  ada.changeTo(openly.ada)
  bob.changeTo(openly.bob)
  await eachSees(openly)
  pause.endsMs = now()
  expect(await recordings.resume(room)).toEqual({ egressId, status: 'recording' })
  pause.resumedMs = now()
  await untilRecorded(client, egressId, pause.resumedMs + 4_000)
  await recordings.stop(room)
  const ready = await whenFinished(client, egressId)
  expect(ready, product.server.output()).toMatchObject({ status: 'ready', isPaused: false })

  const file = await downloads.save(client, egressId)
  const [pictures, sound] = await Promise.all([readPictures(file, size), readSound(file)])
  const inPause = (atMs: number) => atMs > pause.doneMs + 100 && atMs < pause.endsMs - 100
  const [left, right] = [150, 169].map((x) => ({ x, y: 85 }))
  const brightness = ({ data }: (typeof pictures)[number], { x, y } = { x: 0, y: 0 }) =>
    data[y * size.width + x] ?? 0
  expect(pictures.filter(({ atMs }) => inPause(atMs)).length).toBeGreaterThan(50)
  for (const picture of pictures) {
    expect(secretColours).not.toContain(nameColour(look(picture)))
    if (!inPause(picture.atMs)) continue
    // Two bars on a dark ground.
    expect(brightness(picture, left), `at ${picture.atMs} ms`).toBeGreaterThan(120)
    expect(brightness(picture, right), `at ${picture.atMs} ms`).toBeGreaterThan(120)
    expect(brightness(picture, { x: 160, y: 85 })).toBeLessThan(50)
    expect(brightness(picture, { x: 40, y: 40 })).toBeLessThan(50)
  }
  const quiet = sound.between(pause.doneMs + 200, pause.endsMs - 100)
  expect(quiet.reduce((peak, sample) => Math.max(peak, Math.abs(sample)), 0)).toBeLessThan(40)
  for (const { toneHz } of Object.values(secretly))
    expect(Math.max(...sound.levels(toneHz, 0, sound.durationMs))).toBeLessThan(0.01)
  for (const [fromMs, untilMs] of [
    [500, pause.calledMs - 200],
    [pause.resumedMs + 1_500, sound.durationMs - 500],
  ] as const)
    for (const { toneHz } of Object.values(openly)) {
      const levels = sound.levels(toneHz, fromMs, untilMs)
      expect(levels.filter((level) => level > 0.05).length / levels.length, `${toneHz} Hz`).toBeGreaterThan(
        0.95,
      )
    }

  const files = ready.tracks.flatMap(({ kind, files: parts }) => parts.map((part) => ({ kind, ...part })))
  expect(new Set(ready.tracks.map(({ identity, kind }) => `${identity} ${kind}`)).size).toBe(4)
  for (const { key, kind, fromMs } of files) {
    const path = await downloads.save(client, egressId, key)
    if (kind === 'video') {
      const kept = await readPictures(path, size)
      expect(kept.length).toBeGreaterThan(10)
      for (const picture of kept) {
        expect(secretColours).not.toContain(nameColour(look(picture)))
        expect(picture.atMs < pause.doneMs + 50 || picture.atMs > pause.endsMs - 50).toBe(true)
      }
    } else {
      const kept = await readSound(path)
      for (const { toneHz } of Object.values(secretly))
        expect(Math.max(0, ...kept.levels(toneHz, fromMs, kept.durationMs))).toBeLessThan(0.01)
      for (const { toneHz } of Object.values(openly))
        expect(Math.max(0, ...kept.levels(toneHz, pause.doneMs + 200, pause.endsMs - 200))).toBeLessThan(
          0.001,
        )
    }
  }
  await eventually(async () => (await recordings.status(room)).isRecording === false)
})
