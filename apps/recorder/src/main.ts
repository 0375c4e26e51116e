// The process that records one room. It is forked with IPC, and told everything by messages.
import type { TapLog } from '@rtcstack/room-tap'
import type { RecorderEvent, RecorderMessage } from './messages.ts'
import { type Recording, startRecording } from './recording.ts'

let recording: Promise<Recording> | undefined

const log: TapLog = {
  debug: () => undefined,
  warn: (fields, message) => void process.stderr.write(`${JSON.stringify({ ...fields, msg: message })}\n`),
}

function say(event: RecorderEvent): void {
  const leave = () => {
    if (event.type === 'ended') process.exit(0)
    if (event.type === 'failed') process.exit(1)
  }
  if (process.connected) process.send?.(event, leave)
  else leave()
}

async function take(message: RecorderMessage): Promise<void> {
  if (message.type === 'record') {
    recording ??= startRecording({ job: message, say, log })
    return void (await recording)
  }
  const running = await recording
  switch (message.type) {
    case 'pause':
      return running?.pause()
    case 'resume':
      return running?.resume()
    case 'token':
      return running?.takeToken(message.token)
    case 'stop':
      return running ? running.stop('stopped') : process.exit(0)
  }
}

async function terminate(): Promise<void> {
  const running = await recording
  if (running) running.stop('terminated')
  else process.exit(0)
}

process.on('message', (message) => {
  take(message as RecorderMessage).catch((error: Error) =>
    say({ type: 'failed', reason: 'disk-failed', detail: error.message }),
  )
})
for (const signal of ['SIGTERM', 'SIGINT', 'disconnect']) process.on(signal, () => void terminate())
