import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Client, createClient } from '@rtcstack/sdk'

/** What a command line runs in. */
export interface Surroundings {
  stdout: { write(text: string): unknown }
  stderr: { write(text: string): unknown }
  env: Record<string, string | undefined>
  fetch: typeof fetch
  /** From its call on, Ctrl-C and SIGTERM abort the signal and no longer end the process by themselves. */
  untilInterrupted: () => AbortSignal
}

interface GlobalOptions {
  url?: string
  apiKey?: string
  json?: boolean
}

/** What every command is given. */
export interface Context extends Pick<Surroundings, 'fetch' | 'untilInterrupted'> {
  readonly url: string
  readonly json: boolean
  /** Throws where there is none. */
  readonly apiKey: string
  client(): Client
  /** Prints the answer as JSON, or what `human` makes of it. */
  print(answer: unknown, human: () => string): void
  /** Prints one of many at once: a line of JSON, or what `human` makes of it. */
  item(json: string, human: () => string): void
  /** Writes a line at once, for progress; not with --json. */
  line(text: string): void
  /** Writes a line to the standard error, with --json too. */
  note(text: string): void
  /** Makes the exit code 1. */
  fail(): void
}

/** The command found no key to call the API with. */
export class NoKeyError extends Error {
  override name = 'NoKeyError'
}

export function createContext(
  { stdout, stderr, env, fetch, untilInterrupted }: Surroundings,
  options: () => GlobalOptions,
  fail: () => void,
): Context {
  const context: Context = {
    get url() {
      return serverUrl(options().url ?? env.RTCSTACK_URL ?? 'http://127.0.0.1:3000')
    },
    get json() {
      return options().json ?? false
    },
    get apiKey() {
      return apiKeyFrom(options(), env)
    },
    fetch,
    untilInterrupted,
    client: () => createClient({ url: context.url, apiKey: context.apiKey, fetch }),
    print: (answer, human) =>
      void stdout.write(context.json ? `${JSON.stringify(answer, null, 2)}\n` : `${printable(human())}\n`),
    item: (json, human) => void stdout.write(context.json ? `${json}\n` : `${printable(human())}\n`),
    line: (text) => {
      if (!context.json) stdout.write(`${printable(text)}\n`)
    },
    note: (text) => void stderr.write(`${printable(text)}\n`),
    fail,
  }
  return context
}

/** Names come from anyone who is in a call: what would steer a terminal is not passed on to it. */
const printable = (text: string) => text.replace(/[^\P{Cc}\n]/gu, '\ufffd')

function serverUrl(text: string): string {
  if (/^https?:\/\//i.test(text) && URL.canParse(text)) return text
  throw new Error(
    `The server's address is "${text}": --url or RTCSTACK_URL must begin with http:// or https://`,
  )
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
