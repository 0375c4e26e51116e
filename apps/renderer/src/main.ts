import type { JobMessage, RendererMessage } from './messages.ts'
import { render } from './render.ts'

/** A child process that makes one MP4. It ends when its parent goes, for nobody would learn of what it made. */
const stop = new AbortController()
process.once('disconnect', () => stop.abort())
process.on('message', (message: JobMessage) => {
  if (message.type === 'cancel') stop.abort()
  else void run(message.job)
})

async function run(job: Extract<JobMessage, { type: 'render' }>['job']): Promise<void> {
  const report = (message: RendererMessage) => process.send?.(message)
  try {
    const onProgress = (progress: number) => report({ type: 'progress', progress })
    report({ type: 'done', result: await render(job, { signal: stop.signal, onProgress }) })
  } catch (error) {
    if (process.connected)
      report({ type: 'failed', reason: stop.signal.aborted ? 'cancelled' : (error as Error).message })
    process.exitCode = 1
  } finally {
    if (process.connected) process.disconnect()
  }
}
