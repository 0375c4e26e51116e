import { pino } from 'pino'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { provideMediaTools } from './provide.ts'
import { bareMachine } from './testing.ts'

let machine: Awaited<ReturnType<typeof bareMachine>>
let lines: string
beforeEach(async () => {
  machine = await bareMachine()
  lines = ''
})
afterEach(() => machine[Symbol.asyncDispose]())

const log = pino(
  {},
  {
    write: (line: string) => {
      lines += line
    },
  },
)
const provide = (isRoot: boolean, signal?: AbortSignal) => {
  const { path, fontFolders } = machine
  return provideMediaTools({ log, path, fontFolders, isRoot, signal })
}

test('what is there is used, and nothing is installed', async () => {
  await machine.addFfmpeg()
  await machine.addFonts()
  await machine.addAptGet([])
  await provide(true)
  expect(await machine.asked()).toEqual([])
  expect(lines).toBe('')
})

test('root on Debian gets the packaged ones', async () => {
  await machine.addAptGet(['ffmpeg', 'ffprobe'])
  await provide(true)
  const installs = (await machine.asked()).filter((line) => line.includes(' install '))
  expect(installs).toEqual([
    expect.stringMatching(/ ffmpeg$/),
    expect.stringMatching(/ fonts-noto-core fonts-noto-cjk fonts-noto-color-emoji$/),
  ])
  const updates = (await machine.asked()).filter((line) => line.endsWith(' update'))
  expect(updates).toHaveLength(1)
})

test.each<[string, boolean, () => Promise<void>, string]>([
  ['another user', false, () => machine.addAptGet([]), 'Only root can install'],
  ['a system without apt-get', true, async () => undefined, 'no apt-get'],
  ['an apt-get that fails', true, () => machine.addAptGet([], '*'), 'out of luck'],
  [
    'an apt-get that installs something else',
    true,
    () => machine.addAptGet(['ffmpeg']),
    'did not put it on the PATH',
  ],
])('%s is told the reason and how to install it', async (_, isRoot, prepare, reason) => {
  await prepare()
  const message = await provide(isRoot).catch((error: Error) => error.message)
  expect(message).toContain(reason)
  expect(message).toContain('apt-get install ffmpeg')
})

test.each<[string, boolean, () => Promise<void>]>([
  ['another user', false, async () => undefined],
  ['an apt-get that has no fonts', true, () => machine.addAptGet([], '*fonts*')],
])('%s is only warned that fonts are missing', async (_, isRoot, prepare) => {
  await machine.addFfmpeg()
  await prepare()
  await provide(isRoot)
  expect(lines).toContain('fonts are missing')
  expect(lines).toContain('apt-get install fonts-noto-core fonts-noto-cjk fonts-noto-color-emoji')
})

test('of the fonts only those are installed that are missing', async () => {
  await machine.addFfmpeg()
  await machine.addFont('NotoSansCJK-Regular.ttc')
  await machine.addAptGet([])
  await provide(true)
  expect((await machine.asked()).at(-1)).toMatch(/-recommends fonts-noto-core fonts-noto-color-emoji$/)
})

test('a font of another name does, where fontconfig knows it', async () => {
  await machine.addFfmpeg()
  await machine.addProgram('fc-list', 'test "$1" = :lang=ja && echo /fonts/other.ttf')
  await machine.addAptGet([])
  await provide(true)
  expect((await machine.asked()).at(-1)).toMatch(/-recommends fonts-noto-core fonts-noto-color-emoji$/)
})

test('an end that comes meanwhile is not waited with, and apt-get is left to finish', async () => {
  const note = (name: string) => `echo >'${machine.path}/${name}'`
  const script = `${note('begun')}; while ! test -e '${machine.path}/go-on'; do /bin/sleep 0.02; done; ${note('finished')}`
  await machine.addProgram('apt-get', script)
  const ending = new AbortController()
  const providing = provide(true, ending.signal)
  await expect.poll(() => machine.has('begun')).toBe(true)
  ending.abort(new Error('told to end'))
  await expect(providing).rejects.toThrow('told to end')
  await machine.addProgram('go-on')
  await expect.poll(() => machine.has('finished'), { timeout: 10_000 }).toBe(true)
})
