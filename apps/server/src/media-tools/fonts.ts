import { execFile } from 'node:child_process'
import { readdir } from 'node:fs/promises'
import { homedir } from 'node:os'
import { basename, join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** Fonts that names in recordings need. */
interface Font {
  debianPackage: string
  /** A file of that package. */
  file: RegExp
  /** As fontconfig is asked whether another font does. Hindi stands for the scripts that few fonts have. */
  query: string
}

const fonts: readonly Font[] = [
  { debianPackage: 'fonts-noto-core', file: /^NotoSansDevanagari-Regular\./, query: ':lang=hi' },
  { debianPackage: 'fonts-noto-cjk', file: /^NotoSansCJK.*-Regular\./, query: ':lang=ja' },
  {
    debianPackage: 'fonts-noto-color-emoji',
    file: /^NotoColorEmoji\./,
    query: ':charset=1f600:color=true',
  },
]

/** Where fonts are on Linux; other systems bring theirs, in every script. */
export const systemFontFolders: readonly string[] | undefined =
  process.platform === 'linux'
    ? [
        '/usr/share/fonts',
        '/usr/local/share/fonts',
        join(homedir(), '.local', 'share', 'fonts'),
        join(homedir(), '.fonts'),
      ]
    : undefined

/** Debian's packages of the fonts that are missing, in these folders and for the fc-list of this PATH, if there is one. */
export async function missingFonts(folders: readonly string[] | undefined, path: string): Promise<string[]> {
  if (!folders) return []
  const files = (await Promise.all(folders.map(filesIn))).flat()
  const missing: string[] = []
  for (const { debianPackage, file, query } of fonts)
    if (!files.some((name) => file.test(name)) && !(await isKnown(query, path))) missing.push(debianPackage)
  return missing
}

const filesIn = (folder: string): Promise<string[]> =>
  readdir(folder, { recursive: true }).then(
    (paths) => paths.map((path) => basename(path)),
    () => [],
  )

async function isKnown(query: string, path: string): Promise<boolean> {
  const env = { ...process.env, PATH: path }
  const { stdout } = await run('fc-list', [query, 'file'], { env }).catch(() => ({ stdout: '' }))
  return stdout.trim() !== ''
}
