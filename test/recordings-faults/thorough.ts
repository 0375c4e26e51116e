import { type TestOptions, test } from 'vitest'

/** Whether tests are run that take too long for every run: by CHAOS_RECORDINGS=1. */
export const isThorough = Boolean(process.env.CHAOS_RECORDINGS)

/** A test of that kind. */
export function testThoroughly(name: string, options: TestOptions, run: () => Promise<void>): void {
  if (isThorough) test(name, options, run)
}
