import { renderChunk } from './chunk.ts'
import { joinChunks } from './join.ts'
import type { JobMessage, RendererMessage } from './messages.ts'
import { render } from './render.ts'

type Job = Exclude<JobMessage, { type: 'cancel' }>

/** A child process that does one job. It ends when its parent goes, for nobody would learn of what it made. */
const stop = new AbortController()
process.once('disconnect', () => stop.abort())
process.on('message', (message: JobMessage) => {
  if (message.type === 'cancel') stop.abort()
  else void run(message)
})

async function run(job: Job): Promise<void> {
  const report = (message: RendererMessage) => process.send?.(message)
  try {
    report({
      type: 'done',
      result: await resultOf(job, (progress) => report({ type: 'progress', progress })),
    })
  } catch (error) {
    if (process.connected)
      report({ type: 'failed', reason: stop.signal.aborted ? 'cancelled' : (error as Error).message })
    process.exitCode = 1
  } finally {
    if (process.connected) process.disconnect()
  }
}

function resultOf({ type, job }: Job, onProgress: (progress: number) => void) {
  const options = { signal: stop.signal, onProgress }
  switch (type) {
    case 'render':
      return render(job, options)
    case 'chunk':
      return renderChunk(job, options)
    case 'join':
      return joinChunks(job, options)
  }
}
