import type { TapLog } from '../tap.ts'

/** Nothing is expected to be said above debug; what is goes to stderr. */
export const quietLog: TapLog = {
  debug: (fields, message) => {
    if (process.env.TAP_LOG) process.stderr.write(`${message} ${JSON.stringify(fields)}\n`)
  },
  warn: (fields, message) => void process.stderr.write(`${message} ${JSON.stringify(fields)}\n`),
}
