import type { RecordingDetail } from '@rtcstack/sdk'
import {
  type Caller,
  type Colour,
  cut,
  frameTimesOf,
  hasMoved,
  joinCall,
  probeMovie,
  type Rectangle,
  readPictures,
  readSound,
  type Sound,
  shareBeside,
  type TimedPicture,
} from '@rtcstack/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { uniqueName, useServer } from '../product.ts'
import { type Downloads, openDownloads, untilRecorded, whenFinished } from './recorded.ts'
import { canvas, gridOf, lookAtTile, readSamples, stageOfFive } from './tiles.ts'

const product = useServer()
const callers = {
  ada: { video: 'red', audio: 440 },
  bob: { video: 'blue', audio: 700 },
  cleo: { video: 'green', audio: 1_000 },
  dan: { video: 'yellow', audio: 1_500 },
} as const
type Name = keyof typeof callers

/** What stands on the canvas from when on: the change was called for, and done. */
interface Change {
  calledMs: number
  doneMs: number
  tiles: Rectangle[]
  colours: Colour[]
}
/** A stretch of the recording in which a caller could be heard. */
interface Voice {
  name: Name
  fromMs: number
  untilMs: number
}

const changes: Change[] = []
const voices: Voice[] = []
/** When nobody is heard who is not named: from the change of a microphone to that the change is done. */
const turns: { name: Name; calledMs: number; doneMs: number }[] = []
let recording: RecordingDetail
let wallClockMs: number
let downloads: Downloads
let file: string
let samples: TimedPicture[]
let sound: Sound

/** A cut is made within a second. */
const cutMs = 1_000
/** A packet or two, and how long the mix takes to be silent. */
const turnMs = 400
/** Of 50 ms: what the callers themselves leave out when their process has no time, and the recording keeps as it is. */
const longestGapWindows = 3

// 40 s of a call of four are recorded, rendered and decoded, on two cores that other tests use too.
beforeAll(async () => {
  downloads = await openDownloads()
  const { client } = product
  const room = uniqueName('four')
  await client.rooms.create({ name: room })
  const join = async (name: Name) =>
    joinCall({ ...(await product.token(room, name, 'host')), publish: callers[name], autoSubscribe: false })
  const ada = await join('ada')
  const { egressId, startedAt } = await client.recordings.start(room)
  const startedAtMs = new Date(startedAt).getTime()
  const now = () => Date.now() - startedAtMs
  /** Nothing changes for so long. */
  const goesOn = (ms: number) => untilRecorded(client, egressId, now() + ms)
  const change = async <T>(names: Name[], screen: Colour | undefined, act: () => Promise<T>): Promise<T> => {
    const calledMs = now()
    const result = await act()
    const tiles = screen ? stageOfFive : gridOf(names.length)
    const colours = [...(screen ? [screen] : []), ...names.map((name) => callers[name].video)]
    changes.push({ calledMs, doneMs: now(), tiles, colours })
    return result
  }
  const turn = async <T>(name: Name, isOn: boolean, act: () => T | Promise<T>): Promise<T> => {
    const calledMs = now()
    const result = await act()
    turns.push({ name, calledMs, doneMs: now() })
    if (isOn) voices.push({ name, fromMs: now(), untilMs: Number.POSITIVE_INFINITY })
    const voice = voices.findLast((one) => one.name === name)
    if (!isOn && voice) voice.untilMs = calledMs
    return result
  }
  const joins = (name: Name, ...names: Name[]) =>
    change(names, undefined, () => turn(name, true, () => join(name)))

  const there: Caller[] = [ada]
  try {
    voices.push({ name: 'ada', fromMs: 0, untilMs: Number.POSITIVE_INFINITY })
    changes.push({ calledMs: 0, doneMs: 0, tiles: gridOf(1), colours: ['red'] })
    await goesOn(3_000)
    const bob = await joins('bob', 'ada', 'bob')
    await goesOn(3_000)
    there.push(await joins('cleo', 'ada', 'bob', 'cleo'))
    await goesOn(3_000)
    there.push(await joins('dan', 'ada', 'bob', 'cleo', 'dan'))
    await goesOn(3_000)
    await turn('ada', false, () => ada.setMuted('audio', true))
    await goesOn(3_000)
    await turn('ada', true, () => ada.setMuted('audio', false))
    await goesOn(2_000)
    await change(['ada', 'cleo', 'dan'], undefined, () => turn('bob', false, bob.leave))
    await goesOn(3_000)
    there.push(await joins('bob', 'ada', 'cleo', 'dan', 'bob'))
    await goesOn(3_000)
    const unshare = await change(['ada', 'cleo', 'dan', 'bob'], 'magenta', () => ada.shareScreen('magenta'))
    await goesOn(7_000)
    await change(['ada', 'cleo', 'dan', 'bob'], undefined, unshare)
    await goesOn(Math.max(3_000, 36_500 - now()))
    wallClockMs = now()
    const { stoppedAt } = await client.recordings.stop(room)
    wallClockMs = (wallClockMs + new Date(stoppedAt).getTime() - startedAtMs) / 2
  } finally {
    await Promise.all(there.map((caller) => caller.leave()))
  }
  recording = await whenFinished(client, egressId, 120_000)
  file = await downloads.save(client, egressId)
  ;[samples, sound] = await Promise.all([readSamples(file), readSound(file)])
}, 300_000)
afterAll(() => downloads?.[Symbol.asyncDispose]())

/** The stretches in which nothing changes, of what stands where. */
const scenes = () =>
  changes.map(({ doneMs, ...change }, index) => ({
    ...change,
    fromMs: doneMs + cutMs,
    untilMs: changes[index + 1]?.calledMs ?? wallClockMs - 500,
  }))
const samplesOf = ({ fromMs, untilMs }: { fromMs: number; untilMs: number }) =>
  samples.filter(({ atMs }) => atMs >= fromMs && atMs < untilMs)

test('the file is one that plays everywhere, at once and at a constant rate, and lasts what the call lasted', async () => {
  expect(recording).toMatchObject({ status: 'ready', error: null, endReason: 'stopped' })
  const facts = await probeMovie(file)
  expect(facts.video).toMatchObject({
    ...canvas,
    codec: 'h264',
    profile: 'High',
    pixelFormat: 'yuv420p',
    framesPerSecond: 25,
    meanFramesPerSecond: 25,
  })
  expect(facts.audio).toEqual({ codec: 'aac', sampleRateHz: 48_000 })
  expect(facts.boxes.indexOf('moov')).toBeGreaterThan(-1)
  expect(facts.boxes.indexOf('moov')).toBeLessThan(facts.boxes.indexOf('mdat'))
  const times = await frameTimesOf(file)
  for (const [index, atMs] of times.entries()) expect(Math.abs(atMs - index * 40)).toBeLessThan(1)
  expect(Math.abs(facts.durationMs - wallClockMs)).toBeLessThanOrEqual(300)
  expect(Math.abs(sound.durationMs - times.length * 40)).toBeLessThanOrEqual(100)
  expect(Math.abs(Number(recording.durationMs) - facts.durationMs)).toBeLessThanOrEqual(100)
})

test('each caller stands in its tile in its colour, from a second after it came until it left', () => {
  for (const scene of scenes()) {
    const pictures = samplesOf(scene)
    expect(pictures.length, `pictures from ${scene.fromMs}`).toBeGreaterThan(3)
    for (const picture of pictures)
      expect(
        scene.tiles.map((tile) => lookAtTile(picture, tile).colour),
        `at ${picture.atMs} ms`,
      ).toEqual(scene.colours)
  }
})

test('no picture stands still for more than a second', () => {
  for (const scene of scenes())
    for (const [index, tile] of scene.tiles.entries()) {
      let movedAtMs = scene.fromMs
      const pictures = samplesOf(scene)
      for (const [at, picture] of pictures.entries()) {
        const before = pictures[at - 1]
        if (before && hasMoved(lookAtTile(before, tile), lookAtTile(picture, tile))) movedAtMs = picture.atMs
        expect(picture.atMs - movedAtMs, `${scene.colours[index]} at ${picture.atMs} ms`).toBeLessThanOrEqual(
          cutMs,
        )
      }
    }
})

describe('the sound', () => {
  test.each(Object.keys(callers) as Name[])(
    'has %s in it while it is there and not muted, and not else',
    (name) => {
      const { audio } = callers[name]
      const mine = voices.filter((voice) => voice.name === name)
      expect(mine.length).toBeGreaterThan(0)
      for (const { fromMs, untilMs } of mine) {
        const levels = sound.levels(audio, fromMs + turnMs, Math.min(untilMs, wallClockMs - turnMs))
        const gap = levels.map((level) => (level > 0.05 ? '+' : '-')).join('')
        expect(gap, `${name} from ${fromMs} until ${untilMs}`).not.toContain(
          '-'.repeat(longestGapWindows + 1),
        )
        expect(levels.filter((level) => level > 0.05).length / levels.length).toBeGreaterThan(0.97)
      }
      const silences = [0, ...mine.map(({ untilMs }) => untilMs)].map((fromMs, index) => ({
        fromMs: fromMs === 0 ? 0 : fromMs + turnMs,
        untilMs: turns.filter((turn) => turn.name === name && turn.calledMs > fromMs)[0]?.calledMs ?? 0,
        isFirst: index === 0,
      }))
      for (const { fromMs, untilMs, isFirst } of silences) {
        if (untilMs <= fromMs || (isFirst && name === 'ada')) continue
        expect(Math.max(0, ...sound.levels(audio, fromMs, untilMs)), `${name} from ${fromMs}`).toBeLessThan(
          0.005,
        )
      }
    },
  )

  test('goes on over the border between two stretches that were rendered apart, without a click or a gap', () => {
    expect(recording.parts.map(({ fromMs }) => fromMs)).toEqual([0, 30_000])
    const tones = Object.values(callers).map(({ audio }) => audio)
    const beside = (fromMs: number, untilMs: number) =>
      Array.from({ length: (untilMs - fromMs) / 10 - 5 }, (_, index) =>
        shareBeside(tones, sound.between(fromMs + index * 10, fromMs + index * 10 + 50)),
      )
    expect(Math.max(...beside(29_800, 30_250))).toBeLessThan(0.02)
  })
})

test('each tile has a name on it, in white on a dark plate', async () => {
  const pictures = await readPictures(file, { ...canvas, every: 25 })
  const scene = scenes().find(({ colours }) => colours.length === 4)
  const picture = pictures.find(({ atMs }) => scene && atMs >= scene.fromMs)
  expect(scene && picture).toBeDefined()
  for (const tile of scene?.tiles ?? []) {
    const plate = { x: tile.x + 14, y: tile.y + tile.height - 40, width: 90, height: 28 }
    const above = { ...plate, y: plate.y - 60 }
    const brightness = (rectangle: Rectangle) => {
      const { data, width, height } = cut(picture as TimedPicture, rectangle)
      return data.subarray(0, width * height).toSorted()
    }
    const [named, bare] = [brightness(plate), brightness(above)]
    const median = (levels: Uint8Array) => levels[levels.length >> 1] ?? 0
    // Black is 16.
    expect(median(named) - 16).toBeLessThan(0.6 * (median(bare) - 16))
    expect(named.filter((level) => level > 190).length / named.length).toBeGreaterThan(0.04)
  }
})
