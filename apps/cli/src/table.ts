/** Aligned columns under a heading, or a sentence where there is nothing. */
export function table(headings: string[], rows: string[][], empty: string): string {
  if (rows.length === 0) return empty
  const widths = headings.map((heading, column) =>
    Math.max(heading.length, ...rows.map((row) => (row[column] ?? '').length)),
  )
  const line = (cells: string[]) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd()
  return [headings, ...rows].map(line).join('\n')
}

/** How long ago a time in milliseconds since 1970 was, for people. */
export function age(sinceMs: number, nowMs = Date.now()): string {
  const seconds = Math.max(0, Math.round((nowMs - sinceMs) / 1000))
  if (seconds < 60) return `${seconds} s`
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`
  return `${Math.floor(seconds / 86_400)} d`
}

/** How long something lasted, for people; null while it lasts. */
export const duration = (seconds: number | null) => (seconds === null ? '-' : age(0, seconds * 1000))

/** A page of a list, with how to get the next one where there is one. */
export const withMore = (page: string, option: string, next: string | null) =>
  next === null ? page : `${page}\n\nThere are more: --${option} ${next}`
