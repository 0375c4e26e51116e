import { pino } from 'pino'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { bareMachine } from './testing.ts'
import { whenMediaTools } from './wait.ts'

let machine: Awaited<ReturnType<typeof bareMachine>>
beforeEach(async () => {
  machine = await bareMachine()
  await machine.addFonts()
})
afterEach(() => machine[Symbol.asyncDispose]())

/** Waits as another user than root, and keeps what is logged. */
function wait() {
  const ending = new AbortController()
  const lines: string[] = []
  const log = pino({}, { write: (line: string) => void lines.push(line) })
  const { path, fontFolders } = machine
  const waiting = whenMediaTools({
    log,
    signal: ending.signal,
    path,
    fontFolders,
    isRoot: false,
    everyMs: 20,
  })
  return { waiting, lines, ending }
}

test('an ffmpeg that is installed by hand later is found, and it was said once that it was missing', async () => {
  const { waiting, lines } = wait()
  await expect.poll(() => lines.length).toBe(1)
  expect(lines[0]).toContain('apt-get install ffmpeg')
  await machine.addFfmpeg()
  await waiting
  expect(lines).toHaveLength(1)
})

test('the end of the server ends the waiting', async () => {
  const { waiting, lines, ending } = wait()
  await expect.poll(() => lines.length).toBe(1)
  ending.abort(new Error('told to end'))
  await expect(waiting).rejects.toThrow()
})
