import type { RunningServer } from '@rtcstack/testkit'

/** Something measured on a server of its own. */
export interface Benchmark {
  name: string
  /** What is promised; undefined where a figure is only reported. */
  bound?: string
  run: (server: RunningServer) => Promise<{ figures: Record<string, number>; met: boolean }>
}
