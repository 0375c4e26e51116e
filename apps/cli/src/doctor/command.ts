import { Command } from 'commander'
import type { Context } from '../context.ts'
import { describeError } from '../errors.ts'
import { checksOf, NotTriedError } from './checks.ts'

interface Result {
  name: string
  ok: boolean
  /** It was not tried, for what the detail says. */
  skipped?: true
  detail: string
  /** Which setting to look at, where the check failed. */
  advice?: string
  ms: number
}

/** `rtcstack doctor`: everything a call needs, tried in order; what depends on a failed check is not tried. */
export function doctorCommand(context: Context): Command {
  return new Command('doctor').description('check everything that a call needs').action(async () => {
    const results: Result[] = []
    for (const { name, advice, run } of checksOf(context)) {
      const startedAt = performance.now()
      const result = await run().then(
        (detail) => ({ name, ok: true, detail }),
        (error: unknown) => whatFailed(error, { name, advice }),
      )
      const ms = Math.round(performance.now() - startedAt)
      results.push({ ...result, ms })
      context.line(`${markOf(result)} ${name.padEnd(12)} ${result.detail} (${ms} ms)`)
      if (!result.ok) {
        context.line(`  ${advice}`)
        context.fail()
        break
      }
    }
    if (context.json) context.print({ ok: results.every((result) => result.ok), checks: results }, () => '')
  })
}

function whatFailed(error: unknown, { name, advice }: { name: string; advice: string }): Omit<Result, 'ms'> {
  const detail = describeError(error)
  return error instanceof NotTriedError
    ? { name, ok: true, skipped: true, detail: `not tried: ${detail}` }
    : { name, ok: false, detail, advice }
}

const markOf = ({ ok, skipped }: Omit<Result, 'ms'>) => (skipped ? '–' : ok ? '✓' : '✗')
