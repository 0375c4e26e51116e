/**
 * Median milliseconds of each of several calls, measured in turns so that what else the machine does falls on all
 * alike.
 */
export async function interleavedMedians(
  calls: Record<string, () => Promise<unknown>>,
  rounds: number,
): Promise<Record<string, number>> {
  const samples = Object.entries(calls).map(([name, call]) => ({ name, call, times: [] as number[] }))
  for (let round = 0; round < rounds; round++)
    for (let turn = 0; turn < samples.length; turn++) {
      const sample = samples[(round + turn) % samples.length]
      const startedAt = performance.now()
      await sample?.call()
      sample?.times.push(performance.now() - startedAt)
    }
  return Object.fromEntries(samples.map(({ name, times }) => [name, median(times)]))
}

function median(numbers: number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}
