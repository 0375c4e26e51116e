import { type TestOptions, test } from 'vitest'

/** A test that takes too long for every run: CHAOS_RECORDINGS=1 runs it too. */
export function testThoroughly(name: string, options: TestOptions, run: () => Promise<void>): void {
  if (process.env.CHAOS_RECORDINGS) test(name, options, run)
}
