import { expect, test } from 'vitest'
import { probe, runFfmpeg } from './ffmpeg.ts'

const signal = () => new AbortController().signal
const endless = ['-re', '-f', 'lavfi', '-i', 'color=red', '-f', 'null', '-']

test('a run that fails tells what ffmpeg said last', async () => {
  const run = runFfmpeg(['-i', '/nowhere/absent.webm', '-f', 'null', '-'], signal())
  await expect(run).rejects.toThrow(/ffmpeg ended with 1: .*absent\.webm: No such file/)
})

test('a file that is no media fails the probe', async () => {
  await expect(probe([import.meta.filename], signal())).rejects.toThrow('ffprobe ended with 1')
})

test('an abort ends a run that would go on for ever', async () => {
  await expect(runFfmpeg(endless, AbortSignal.timeout(300))).rejects.toThrow('aborted')
})

test('after an abort nothing is started', async () => {
  await expect(runFfmpeg(endless, AbortSignal.abort(new Error('stopped')))).rejects.toThrow('stopped')
})
