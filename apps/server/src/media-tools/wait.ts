import { setTimeout as pause } from 'node:timers/promises'
import { type MediaToolsOptions, provideMediaTools } from './provide.ts'

/** What hinders may be mended by hand at any time. */
const retryEveryMs = 60_000

interface WaitOptions extends MediaToolsOptions {
  signal: AbortSignal
  everyMs?: number
}

/** Resolves when recordings can be rendered here, having installed what that takes; rejects only when the signal aborts. */
export async function whenMediaTools({ everyMs = retryEveryMs, ...options }: WaitOptions): Promise<void> {
  const { log, signal } = options
  let told: string | undefined
  for (;;) {
    try {
      return await provideMediaTools(options)
    } catch (error) {
      signal.throwIfAborted()
      const { message } = error as Error
      if (message !== told)
        log.warn({ reason: message }, 'recordings are captured, but rendered only when there is ffmpeg')
      told = message
    }
    await pause(everyMs, undefined, { signal })
  }
}
