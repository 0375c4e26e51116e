import { access, chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A machine that has nothing but what a test gives it: a PATH of one folder, and one folder of fonts. */
export async function bareMachine() {
  const folder = await mkdtemp(join(tmpdir(), 'media-tools-'))
  const path = join(folder, 'bin')
  const fonts = join(folder, 'fonts')
  await mkdir(path)
  await mkdir(join(fonts, 'noto'), { recursive: true })

  async function addProgram(name: string, script = ''): Promise<void> {
    await writeFile(join(path, name), `#!/bin/sh\n${script}\n`)
    await chmod(join(path, name), 0o755)
  }
  const addFont = (name: string) => writeFile(join(fonts, 'noto', name), '')

  return {
    path,
    fontFolders: [fonts],
    addProgram,
    addFont,
    async addFfmpeg() {
      await addProgram('ffmpeg')
      await addProgram('ffprobe')
    },
    async addFonts() {
      for (const name of ['NotoSansDevanagari-Regular.ttf', 'NotoSansCJK-Regular.ttc', 'NotoColorEmoji.ttf'])
        await addFont(name)
    },
    /** An apt-get that notes what it is asked for, and installs these programs or fails at what a pattern of sh says. */
    addAptGet: (programs: string[], failing = 'nothing') =>
      addProgram(
        'apt-get',
        `echo "$*" >>'${folder}/asked'
echo 'E: out of luck' >&2
case "$*" in ${failing}) exit 100;; esac
for name in ${programs.join(' ')}; do echo '#!/bin/sh' >'${path}/'$name; /bin/chmod +x '${path}/'$name; done`,
      ),
    /** What apt-get was asked for: its arguments, a line for each run. */
    asked: async () =>
      (await readFile(join(folder, 'asked'), 'utf8').catch(() => '')).split('\n').filter(Boolean),
    has: (name: string) =>
      access(join(path, name)).then(
        () => true,
        () => false,
      ),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  }
}
