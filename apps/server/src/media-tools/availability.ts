import { whenMediaTools } from './wait.ts'

/** What rendering takes, found or installed meanwhile: calls and captures do not need it. */
export function watchMediaTools(options: Parameters<typeof whenMediaTools>[0]) {
  let isThere = false
  const ready = whenMediaTools(options).then(() => {
    isThere = true
  })
  ready.catch(() => undefined)
  return {
    /** Resolves when recordings can be rendered here; rejects only when the signal aborts. */
    ready,
    /** Rejects while they cannot. */
    probe: async (): Promise<void> => {
      if (!isThere) throw new Error('there is no ffmpeg')
    },
    /** For anyone. */
    describe: () => 'there is no ffmpeg here yet: recordings are captured, and rendered when there is one',
  }
}
