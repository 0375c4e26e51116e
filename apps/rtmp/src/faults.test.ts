import { execFileSync } from 'node:child_process'
import { eventually } from '@rtcstack/testkit'
import { describe, expect, test } from 'vitest'
import { isBrief } from './testing/at-length.ts'
import { aac, h264, sceneInput, startEncoder } from './testing/encoder.ts'
import { ingressId, publisher, type Stage, setStage } from './testing/stage.ts'

const stream = [...sceneInput(), ...h264(), ...aac]
const other = [...sceneInput({ colour: 'blue' }), ...h264(), ...aac]

const gone = (stage: Stage, timeoutMs: number) =>
  eventually(async () => expect(await stage.publishers()).toEqual([]), { timeoutMs })

/** Processes of ffmpeg that a process has started. */
function ffmpegRunsOf(pid: number): string[] {
  const all = execFileSync('ps', ['-eo', 'pid=,ppid=,comm='], { encoding: 'utf8' }).trim().split('\n')
  return all
    .map((line) => line.trim().split(/\s+/))
    .filter(([, parent, name]) => parent === String(pid) && name === 'ffmpeg')
    .map(([child]) => child as string)
}

const isAlive = (pid: string) => {
  try {
    process.kill(Number(pid), 0)
    return true
  } catch {
    return false
  }
}

describe.skipIf(isBrief)('refused', { timeout: 60_000 }, () => {
  test.each(['/live/wrong', '/other/'])(
    'a publisher at %s is told that its key is not valid',
    async (path) => {
      await using stage = await setStage()
      const url = `rtmp://127.0.0.1:${stage.intake.port}${path}${path.endsWith('/') ? stage.key : ''}`
      await using encoder = startEncoder(stream, url)
      expect(await encoder.ended).toContain('invalid stream key')
      expect(stage.intake.wrote()).not.toContain(stage.key)
      expect(stage.intake.said.map(({ type }) => type)).toEqual(['listening', 'authorize'])
    },
  )

  test('a second publisher with the same key is turned away, and the first is seen on', async () => {
    await using stage = await setStage()
    const caller = await stage.join()
    await using _first = startEncoder(stream, stage.url)
    await caller.sees(publisher, { colour: 'red' })
    await using second = startEncoder(other, stage.url)
    expect(await second.ended).toContain('the stream key is in use')
    await caller.sees(publisher, { colour: 'red' })
    expect(stage.intake.said.filter(({ type }) => type === 'stopped')).toEqual([])
  })

  test.each([
    [['-c:v', 'flv', ...aac], 'Sorenson H.263 is not supported, send H.264'],
    [[...h264(), '-c:a', 'libmp3lame', '-ar', '44100'], 'MP3 is not supported, send AAC'],
  ])('another codec is named', async (encoding, words) => {
    await using stage = await setStage()
    await using encoder = startEncoder([...sceneInput(), ...encoding], stage.url)
    expect(await stage.intake.says('stopped')).toEqual({
      type: 'stopped',
      ingressId,
      reason: 'unsupported-codec',
      detail: words,
    })
    expect(await encoder.ended).not.toBe('')
    await gone(stage, 5_000)
  })
})

describe.skipIf(isBrief)('a participant leaves when its publisher', { timeout: 60_000 }, () => {
  test('is killed, and is back with the next', async () => {
    await using stage = await setStage()
    const caller = await stage.join()
    const first = startEncoder(stream, stage.url)
    await caller.sees(publisher, { colour: 'red' })
    first.kill('SIGKILL')
    expect(await stage.intake.says('stopped')).toMatchObject({ reason: 'disconnected' })
    await gone(stage, 1_000)
    await using _second = startEncoder(other, stage.url)
    await caller.sees(publisher, { colour: 'blue' })
    expect(ffmpegRunsOf(stage.intake.child.pid as number)).toHaveLength(1)
  })

  test('says that it ends', async () => {
    await using stage = await setStage()
    await using encoder = startEncoder(stream, stage.url)
    await stage.intake.says('started')
    encoder.kill('SIGINT')
    expect(await stage.intake.says('stopped')).toMatchObject({ reason: 'unpublished' })
    await gone(stage, 1_000)
  })

  test('stands still for fifteen seconds', async () => {
    await using stage = await setStage()
    await using encoder = startEncoder(stream, stage.url)
    await stage.intake.says('started')
    encoder.kill('SIGSTOP')
    await gone(stage, 20_000)
    expect(await stage.intake.says('stopped')).toMatchObject({ reason: 'timed-out' })
  })

  test('is cut, which the encoder notices', async () => {
    await using stage = await setStage()
    await using encoder = startEncoder(stream, stage.url)
    await stage.intake.says('started')
    stage.intake.tell({ type: 'cut', ingressId })
    await gone(stage, 1_000)
    expect(await stage.intake.says('stopped')).toMatchObject({ reason: 'cut' })
    await encoder.ended
  })
})

test.skipIf(isBrief)(
  'who has stood still for three seconds makes way for another with its key',
  {
    timeout: 60_000,
  },
  async () => {
    await using stage = await setStage()
    const caller = await stage.join()
    await using first = startEncoder(stream, stage.url)
    await caller.sees(publisher, { colour: 'red' })
    first.kill('SIGSTOP')
    const stoppedAt = performance.now()
    await eventually(
      async () => {
        await using second = startEncoder([...other, '-t', '30'], stage.url)
        await Promise.race([second.ended, caller.sees(publisher, { colour: 'blue' })])
        return (await stage.publishers()).length === 1 && performance.now() - stoppedAt > 3_000
      },
      { timeoutMs: 12_000, intervalMs: 500 },
    )
    expect(await stage.intake.says('stopped')).toMatchObject({ reason: 'taken-over' })
    const lives = stage.intake.said.filter(({ type }) => type === 'started' || type === 'stopped')
    expect(lives.map(({ type }) => type).slice(0, 3)).toEqual(['started', 'stopped', 'started'])
  },
)

describe.skipIf(isBrief)('the process', { timeout: 60_000 }, () => {
  test('takes its participants out when it is told to close, and leaves nothing behind', async () => {
    await using stage = await setStage()
    await using _encoder = startEncoder(stream, stage.url)
    await stage.intake.says('started')
    const runs = ffmpegRunsOf(stage.intake.child.pid as number)
    expect(runs).toHaveLength(1)
    stage.intake.tell({ type: 'shutdown' })
    expect(await stage.intake.exited).toBe(0)
    expect(stage.intake.said.at(-1)).toMatchObject({ type: 'stopped', reason: 'shutdown' })
    await gone(stage, 1_000)
    await eventually(() => expect(runs.filter(isAlive)).toEqual([]))
  })

  test('ends with its parent', async () => {
    await using stage = await setStage()
    await using _encoder = startEncoder(stream, stage.url)
    await stage.intake.says('started')
    stage.intake.child.disconnect()
    expect(await stage.intake.exited).toBe(0)
    await gone(stage, 1_000)
  })

  test('killed for good, leaves no ffmpeg behind', async () => {
    await using stage = await setStage()
    await using _encoder = startEncoder(stream, stage.url)
    await stage.intake.says('started')
    const runs = ffmpegRunsOf(stage.intake.child.pid as number)
    stage.intake.child.kill('SIGKILL')
    await eventually(() => expect(runs.filter(isAlive)).toEqual([]))
    await gone(stage, 20_000)
  })

  test('finds its way back when LiveKit was restarted', async () => {
    await using stage = await setStage()
    await using _encoder = startEncoder(stream, stage.url)
    await stage.intake.says('started')
    await stage.livekit.restart()
    const caller = await stage.join()
    await caller.sees(publisher, { colour: 'red', timeoutMs: 20_000 })
    await caller.hears(publisher, { toneHz: 440 })
    expect(stage.intake.said.filter(({ type }) => type === 'stopped')).toEqual([])
  })
})
