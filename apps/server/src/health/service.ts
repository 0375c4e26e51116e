import type { Readiness } from '@rtcstack/contract'

/** Throws, or does not return in time, when the part is not there. */
export interface Check {
  name: string
  /** Which driver serves, for operators. */
  driver: string
  probe: () => Promise<unknown>
  /** What is wrong, in words that anyone may read; that it does not answer, unless given. */
  describe?: (error: unknown) => string
  /** Only told: without this part calls go on, so it does not make the server unready. */
  degrades?: true
}

const probeLimitMs = 1000
const cacheMs = 2000

interface HealthServiceOptions {
  checks: readonly Check[]
  draining: () => boolean
  now: () => number
}

/** Whether the parts are there. Answers are kept for two seconds, so probing costs the parts little. */
export function createHealthService({ checks, draining, now }: HealthServiceOptions) {
  const needed = checks.filter(({ degrades }) => !degrades).map(({ name }) => name)
  let cached: { at: number; results: Promise<Readiness['checks']> } | undefined

  async function runAll(): Promise<Readiness['checks']> {
    const results = await Promise.all(
      checks.map(async ({ name, driver, probe, describe = () => `${driver} does not answer` }) => {
        const detail = await withinLimit(probe()).then(() => undefined, describe)
        return [name, { ok: detail === undefined, detail: detail ?? driver }] as const
      }),
    )
    return Object.fromEntries(results)
  }

  return {
    async readiness(): Promise<Readiness> {
      if (!cached || now() - cached.at > cacheMs) cached = { at: now(), results: runAll() }
      const results = await cached.results
      const ready = needed.every((name) => results[name]?.ok)
      if (!ready) cached = undefined
      return { status: draining() ? 'draining' : ready ? 'ready' : 'unready', checks: results }
    },
  }
}

export type HealthService = ReturnType<typeof createHealthService>

async function withinLimit(probe: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const limit = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${probeLimitMs} ms`)), probeLimitMs)
  })
  try {
    await Promise.race([probe, limit])
  } finally {
    clearTimeout(timer)
  }
}
