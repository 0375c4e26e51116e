#!/usr/bin/env node
import { run } from './run.ts'

// rtc-node prints its own debug lines unless it takes this for production.
process.env.NODE_ENV ??= 'production'
const code = await run(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
  fetch,
})
// Native media threads would keep the process alive.
process.exit(code)
