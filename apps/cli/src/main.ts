#!/usr/bin/env node
import { run } from './run.ts'

// rtc-node prints its own debug lines unless it takes this for production.
process.env.NODE_ENV ??= 'production'
// Whoever read the output wants no more of it, as `head` does not.
process.stdout.on('error', () => process.exit(0))
const code = await run(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
  fetch,
  untilInterrupted,
})
// Native media threads would keep the process alive.
process.exit(code)

/** A second signal of a kind ends the process as ever. */
function untilInterrupted(): AbortSignal {
  const interruption = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interruption.abort())
  return interruption.signal
}
