import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { provideFfmpeg } from './ffmpeg.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ffmpeg-'))
  await mkdir(join(folder, 'bin'))
})
afterEach(() => rm(folder, { recursive: true }))

const log = pino({ level: 'silent' })
const provide = (isRoot: boolean) => provideFfmpeg({ log, path: join(folder, 'bin'), isRoot })

async function writeProgram(name: string, script: string): Promise<void> {
  const file = join(folder, 'bin', name)
  await writeFile(file, `#!/bin/sh\n${script}\n`)
  await chmod(file, 0o755)
}

/** An apt-get that notes what it is asked for, and installs what it is told to. */
const writeAptGet = (installed: string[], exitCode = 0) =>
  writeProgram(
    'apt-get',
    `echo "$*" >>'${folder}/asked'
echo 'E: out of luck' >&2
test ${exitCode} = 0 || exit ${exitCode}
for name in ${installed.join(' ')}; do echo '#!/bin/sh' >'${folder}/bin/'$name; /bin/chmod +x '${folder}/bin/'$name; done`,
  )

test('an ffmpeg that is there is used, and nothing is installed', async () => {
  await writeProgram('ffmpeg', '')
  await writeProgram('ffprobe', '')
  await writeAptGet([])
  await provide(true)
  await expect(readFile(join(folder, 'asked'))).rejects.toThrow('ENOENT')
})

test('root on Debian gets the packaged one', async () => {
  await writeAptGet(['ffmpeg', 'ffprobe'])
  await provide(true)
  expect(await readFile(join(folder, 'asked'), 'utf8')).toMatch(/update\n.* install .* ffmpeg\n$/)
})

test.each<[string, boolean, () => Promise<void>, string]>([
  ['another user', false, () => writeAptGet([]), 'Only root can install it'],
  ['a system without apt-get', true, async () => undefined, 'no apt-get'],
  ['an apt-get that fails', true, () => writeAptGet([], 100), 'out of luck'],
  [
    'an apt-get that installs something else',
    true,
    () => writeAptGet(['ffmpeg']),
    'did not put it on the PATH',
  ],
])('%s is told the reason and how to install it', async (_, isRoot, prepare, reason) => {
  await prepare()
  const message = await provide(isRoot).catch((error: Error) => error.message)
  expect(message).toContain(reason)
  expect(message).toContain('apt-get install ffmpeg')
})
