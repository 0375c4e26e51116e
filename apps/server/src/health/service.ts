import type { Readiness } from '@rtcstack/contract'

/** Throws, or does not return in time, when the part is not there. */
export interface Check {
  name: string
  /** Which driver serves, for operators. */
  driver: string
  probe: () => Promise<unknown>
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
  let cached: { at: number; results: Promise<Readiness['checks']> } | undefined

  async function runAll(): Promise<Readiness['checks']> {
    const results = await Promise.all(
      checks.map(async ({ name, driver, probe }) => {
        const ok = await withinLimit(probe())
        return [name, { ok, detail: ok ? driver : `${driver} does not answer` }] as const
      }),
    )
    return Object.fromEntries(results)
  }

  return {
    async readiness(): Promise<Readiness> {
      if (!cached || now() - cached.at > cacheMs) cached = { at: now(), results: runAll() }
      const results = await cached.results
      const ready = Object.values(results).every((check) => check.ok)
      if (!ready) cached = undefined
      return { status: draining() ? 'draining' : ready ? 'ready' : 'unready', checks: results }
    },
  }
}

export type HealthService = ReturnType<typeof createHealthService>

async function withinLimit(probe: Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const limit = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), probeLimitMs)
  })
  try {
    return await Promise.race([probe.then(() => true), limit])
  } catch {
    return false
  } finally {
    clearTimeout(timer)
  }
}
