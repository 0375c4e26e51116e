import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Client, createClient } from '@rtcstack/sdk'

/** What a command line runs in. */
export interface Surroundings {
  stdout: { write(text: string): unknown }
  stderr: { write(text: string): unknown }
  env: Record<string, string | undefined>
  fetch: typeof fetch
}

interface GlobalOptions {
  url?: string
  apiKey?: string
  json?: boolean
}

/** What every command is given. */
export interface Context {
  readonly url: string
  readonly json: boolean
  readonly fetch: typeof fetch
  client(): Client
  /** Prints the answer as JSON, or what `human` makes of it. */
  print(answer: unknown, human: () => string): void
  /** Writes a line at once, for progress; not with --json. */
  line(text: string): void
  /** Makes the exit code 1. */
  fail(): void
}

/** The command found no key to call the API with. */
export class NoKeyError extends Error {
  override name = 'NoKeyError'
}

export function createContext(
  { stdout, env, fetch }: Surroundings,
  options: () => GlobalOptions,
  fail: () => void,
): Context {
  const url = () => options().url ?? env.RTCSTACK_URL ?? 'http://127.0.0.1:3000'
  return {
    get url() {
      return url()
    },
    get json() {
      return options().json ?? false
    },
    fetch,
    client: () => createClient({ url: url(), apiKey: apiKeyFrom(options(), env), fetch }),
    print: (answer, human) =>
      void stdout.write(options().json ? `${JSON.stringify(answer, null, 2)}\n` : `${human()}\n`),
    line: (text) => {
      if (!options().json) stdout.write(`${text}\n`)
    },
    fail,
  }
}

function apiKeyFrom(options: GlobalOptions, env: Surroundings['env']): string {
  const given = options.apiKey ?? env.API_SECRET?.split(',')[0]?.trim()
  if (given) return given
  const file = join(env.DATA_DIR || '.rtcstack', 'api-secret')
  try {
    return readFileSync(file, 'utf8').trim()
  } catch {
    throw new NoKeyError(`There is no API key: set API_SECRET, or run this where ${file} is.`)
  }
}
