// Writes what is made from the code. `--check` writes nothing and fails where a file is not what it would write.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { operations, toOpenApi } from '@rtcstack/contract'
import { settings } from '../apps/server/src/config.ts'
import { envExample, settingsPage } from './settings-text.ts'

const root = join(import.meta.dirname, '..')
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }

const files: Record<string, string> = {
  'openapi.json': `${JSON.stringify(toOpenApi(operations, version), null, 2)}\n`,
  '.env.example': envExample(settings),
  'docs/reference/settings.md': settingsPage(settings),
}

const check = process.argv.includes('--check')
const stale = Object.entries(files).filter(([name, text]) => read(join(root, name)) !== text)
for (const [name, text] of stale) {
  if (!check) writeFileSync(join(root, name), text)
  console.log(`${check ? 'stale' : 'wrote'} ${name}`)
}
if (check && stale.length > 0) {
  console.error('Run "npm run generate" and commit what it writes.')
  process.exit(1)
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}
