import type { RecordingDetail } from '@rtcstack/sdk'
import {
  type Browser,
  type BrowserCaller,
  eventually,
  hasBrowser,
  openBrowser,
  probeTrack,
  readPictures,
  readSound,
  type Sound,
  type TimedPicture,
} from '@rtcstack/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { uniqueName, useServer } from '../product.ts'
import { type Downloads, openDownloads, untilRecorded, whenFinished } from '../recordings/recorded.ts'
import {
  coloursOf,
  everywhere,
  filesOf,
  longestStillMs,
  type Step,
  type Stretch,
  stage,
  startNotes,
  strip,
} from './filming.ts'

/** A browser's call, and what became of it. */
interface Film<Name extends string> {
  steps: Record<Name, Step>
  recording: RecordingDetail
  pictures: TimedPicture[]
  sound: Sound
  /** What the client was told about being recorded: while it was, and in all. */
  told: { during: boolean; changes: boolean[] }
}

const codecs = ['vp8', 'h264', 'vp9', 'av1'] as const
type Codec = (typeof codecs)[number]
type CodecStep = 'off' | 'on' | 'resized' | 'poor' | 'stopped'
type ScreenStep = 'shared' | 'unshared' | 'reloaded' | 'stopped'

/** No picture stands still for longer. */
const stillMs = 1_000
/** What changes is seen within a second. */
const cutMs = 1_000
/** What changes is heard within some packets, which the mix makes no sharp cut of. */
const soundCutMs = 500
const films = {} as Record<Codec, Film<CodecStep>>
let screenFilm: Film<ScreenStep>
let downloads: Downloads
let browser: Browser

describe.skipIf(!hasBrowser())('recordings of a browser', () => {
  // What is promised here is not about the size of the file's picture.
  const product = useServer({ RENDER_WIDTH: '640', RENDER_HEIGHT: '360' })

  async function enter(codec: Codec) {
    const room = uniqueName(codec)
    await product.client.rooms.create({ name: room })
    const { url, token } = await product.token(room, 'ada', 'host')
    const first = { url, token, codec, colour: 'red', toneHz: 440 } as const
    return { room, first, caller: await browser.join(first) }
  }
  type Entered = Awaited<ReturnType<typeof enter>>

  /** Records what a caller does; the recording has begun when this resolves, and the film comes later. */
  async function record<Name extends string>(
    { room, caller }: Entered,
    act: (scene: {
      until: (ms: number) => Promise<unknown>
      step: (name: Name, act: () => Promise<unknown>) => Promise<void>
    }) => Promise<void>,
  ): Promise<{ film: Promise<Film<Name | 'stopped'>> }> {
    const { recordings } = product.client
    // How soon it starts is promised elsewhere, of a machine on which no browser works.
    const { egressId, startedAt } = await eventually(() => recordings.start(room), { timeoutMs: 60_000 })
    const { steps, step } = startNotes<Name | 'stopped'>(startedAt)
    const film = async () => {
      await act({ step, until: (ms) => untilRecorded(product.client, egressId, ms) })
      const during = (await caller.recordingTold()).isRecording
      await step('stopped', () => recordings.stop(room))
      const changes = await whenNotRecorded(caller)
      await caller.leave()
      const recording = await whenFinished(product.client, egressId, 120_000)
      expect(recording).toMatchObject({ status: 'ready', error: null })
      const file = await downloads.save(product.client, egressId)
      const [pictures, sound] = await Promise.all([
        readPictures(file, { width: 320, height: 180, every: 5 }),
        readSound(file),
      ])
      return { steps, recording, pictures, sound, told: { during, changes } }
    }
    return { film: film() }
  }

  // Five pages send for a quarter of a minute each, on two cores that other tests use too; the files are then decoded.
  beforeAll(async () => {
    downloads = await openDownloads()
    browser = await openBrowser()
    const [screenCall, ...codecCalls] = await Promise.all([
      enter('vp8'),
      ...codecs.map(async (codec) => ({ codec, entered: await enter(codec) })),
    ])
    const filming: Promise<unknown>[] = []
    for (const { codec, entered } of codecCalls) {
      const { caller } = entered
      const { film } = await record<CodecStep>(entered, async ({ until, step }) => {
        await until(3_000)
        await step('off', () => Promise.all([caller.setCamera(false), caller.setMicrophone(false)]))
        await until(6_000)
        await step('on', () => Promise.all([caller.setCamera(true), caller.setMicrophone(true)]))
        await until(8_500)
        await step('resized', () => caller.resize(480, 270))
        await until(10_500)
        await step('poor', () => caller.sendOnlyLowLayer())
        await until(13_500)
      })
      filming.push(film.then((done) => (films[codec] = done)))
    }
    const { caller, first } = screenCall
    const { film } = await record<ScreenStep>(screenCall, async ({ until, step }) => {
      await until(2_500)
      await step('shared', () => caller.shareScreen('blue'))
      await until(6_500)
      await step('unshared', () => caller.unshareScreen())
      await until(8_500)
      await step('reloaded', () => caller.reload({ ...first, colour: 'yellow', toneHz: 1_000 }))
      await until(12_500)
    })
    filming.push(film.then((done) => (screenFilm = done)))
    await Promise.all(filming)
  }, 240_000)
  afterAll(async () => {
    await browser?.close()
    await downloads?.[Symbol.asyncDispose]()
  })

  const levelsOf = (sound: Sound, toneHz: number, { fromMs, untilMs }: Stretch) => {
    const levels = sound.levels(toneHz, fromMs, untilMs)
    expect(levels.length, 'windows to listen to').toBeGreaterThan(0)
    return levels
  }

  describe.each(codecs)('that sends %s', (codec) => {
    const whileOn = ({ steps: { off, on, stopped } }: Film<CodecStep>, afterMs: number): Stretch[] => [
      { fromMs: afterMs, untilMs: off.calledMs },
      { fromMs: on.doneMs + afterMs, untilMs: stopped.calledMs - afterMs },
    ]
    const whileOff = ({ steps: { off, on } }: Film<CodecStep>, afterMs: number): Stretch => ({
      fromMs: off.doneMs + afterMs,
      untilMs: on.calledMs,
    })

    test('show its camera while it is on, and a placeholder while it is off', () => {
      const film = films[codec]
      for (const stretch of whileOn(film, cutMs))
        expect(coloursOf(film.pictures, stretch, everywhere)).toEqual(['red'])
      expect(coloursOf(film.pictures, whileOff(film, cutMs), everywhere)).toEqual([undefined])
    })

    test('never stand still for more than a second, also where its picture gets another size or layer', () => {
      const film = films[codec]
      for (const stretch of whileOn(film, cutMs))
        expect(longestStillMs(film.pictures, stretch, everywhere)).toBeLessThanOrEqual(stillMs)
    })

    test('let its microphone be heard while it is on, and nothing while it is off', () => {
      const film = films[codec]
      for (const stretch of whileOn(film, soundCutMs))
        expect(Math.min(...levelsOf(film.sound, 440, stretch))).toBeGreaterThan(0.05)
      expect(Math.max(...levelsOf(film.sound, 440, whileOff(film, soundCutMs)))).toBeLessThan(0.005)
    })

    test('keep its tracks as it sent them, in files that play by themselves', async () => {
      const { recording } = films[codec]
      const save = ({ key }: { key: string }) => downloads.save(product.client, recording.recordingId, key)
      const seen: number[] = []
      for (const file of filesOf(recording, 'CAMERA')) {
        expect(file).toMatchObject({ codec })
        const facts = await probeTrack(await save(file))
        expect(facts.codec).toBe(codec)
        for (const [index, { atMs }] of facts.frames.entries())
          expect(atMs).toBeGreaterThan(facts.frames[index - 1]?.atMs ?? -1)
        seen.push(...facts.frames.map(({ width }) => width))
      }
      // How large it is at first is up to the machine: a browser that has little time sends less.
      expect(new Set(seen).size, 'sizes').toBeGreaterThan(1)
      expect(seen.at(-1), 'the low layer in the end').toBeLessThan(480)
      for (const file of filesOf(recording, 'MICROPHONE')) {
        const path = await save(file)
        expect((await probeTrack(path)).codec).toBe('opus')
        const stretch = { fromMs: file.fromMs + soundCutMs, untilMs: Number(file.untilMs) - soundCutMs }
        expect(Math.min(...levelsOf(await readSound(path), 440, stretch))).toBeGreaterThan(0.05)
      }
      expect(filesOf(recording, 'MICROPHONE').length).toBeGreaterThan(0)
    })

    test('are told to its client when they begin and end', () => {
      const { during, changes } = films[codec].told
      expect(during).toBe(true)
      // A start that was refused, and tried again, may have been told, too.
      expect(changes.slice(-2)).toEqual([true, false])
    })
  })

  describe('that shares its screen and is then loaded anew', () => {
    test('show the screen large and the camera beside it, as long as it is shared', () => {
      const { pictures, steps } = screenFilm
      const shared = { fromMs: steps.shared.doneMs + cutMs, untilMs: steps.unshared.calledMs }
      expect(coloursOf(pictures, shared, stage)).toEqual(['blue'])
      expect(coloursOf(pictures, shared, strip)).toEqual(['red'])
      expect(longestStillMs(pictures, shared, stage)).toBeLessThanOrEqual(stillMs)
      for (const alone of [
        { fromMs: cutMs, untilMs: steps.shared.calledMs },
        { fromMs: steps.unshared.doneMs + cutMs, untilMs: steps.reloaded.calledMs },
      ])
        expect(coloursOf(pictures, alone, everywhere)).toEqual(['red'])
    })

    test('go on with who comes back, as another stay of the same person', () => {
      const { pictures, recording, sound, steps, told } = screenFilm
      const back = { fromMs: steps.reloaded.doneMs + cutMs, untilMs: steps.stopped.calledMs - cutMs }
      expect(coloursOf(pictures, back, everywhere)).toEqual(['yellow'])
      expect(longestStillMs(pictures, back, everywhere)).toBeLessThanOrEqual(stillMs)
      expect(Math.min(...levelsOf(sound, 1_000, back))).toBeGreaterThan(0.05)
      expect(Math.max(...levelsOf(sound, 440, back))).toBeLessThan(0.005)
      const cameras = recording.tracks.filter(({ source }) => source === 'CAMERA')
      expect(cameras.map(({ identity }) => identity)).toEqual(['ada', 'ada'])
      expect(new Set(cameras.map(({ participantSid }) => participantSid)).size).toBe(2)
      expect(told).toEqual({ during: true, changes: [false] })
    })

    test('keep the screen in a file of its own', async () => {
      const { recording } = screenFilm
      const files = filesOf(recording, 'SCREEN_SHARE')
      expect(files.length).toBeGreaterThan(0)
      for (const { key } of files) {
        const path = await downloads.save(product.client, recording.recordingId, key)
        expect((await probeTrack(path)).frames.length).toBeGreaterThan(10)
      }
    })
  })
})

/** The changes that the client was told, once it is told that the room is recorded no longer. */
const whenNotRecorded = (caller: BrowserCaller) =>
  eventually(async () => {
    const { isRecording, changes } = await caller.recordingTold()
    return !isRecording && changes
  })
