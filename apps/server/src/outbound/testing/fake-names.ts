import { isIP } from 'node:net'
import type { LookupAll } from '../lookup.ts'

type Answer = string[] | (() => string[])

/** A look-up that knows these names only, by answers that may change from one to the next. */
export function fakeNames(answers: Record<string, Answer>): LookupAll {
  return (name, callback) => {
    setImmediate(() => {
      const answer = answers[name]
      if (!answer) {
        callback(Object.assign(new Error('the name is not known'), { code: 'ENOTFOUND' }), [])
        return
      }
      const addresses = typeof answer === 'function' ? answer() : answer
      callback(
        null,
        addresses.map((address) => ({ address, family: isIP(address) })),
      )
    })
  }
}
