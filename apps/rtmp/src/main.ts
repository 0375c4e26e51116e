// The process that takes RTMP. It is forked with IPC, and told everything by messages.
import type { RtmpLog } from '@rtcstack/rtmp'
import { createIntake } from './intake.ts'
import type { IntakeEvent, IntakeMessage } from './messages.ts'

const closeLimitMs = 3_000

const log: RtmpLog = {
  debug: () => undefined,
  warn: (fields, message) => void process.stderr.write(`${JSON.stringify({ ...fields, msg: message })}\n`),
}

const say = (event: IntakeEvent) => {
  if (process.connected) process.send?.(event)
}
const intake = createIntake(say, log)
let isClosing = false

/** Leaves when all participants are out, or LiveKit did not answer in time. */
function close(): void {
  if (isClosing) return
  isClosing = true
  intake.close().then(leave, leave)
  setTimeout(leave, closeLimitMs)
}

function leave(): void {
  if (!process.connected) process.exit(0)
  // What was said last goes out before the channel is closed.
  process.once('disconnect', () => process.exit(0))
  process.disconnect()
}

process.on('message', (sent) => {
  const message = sent as IntakeMessage
  if (message.type === 'shutdown') return close()
  intake.take(message).catch((error: Error) => {
    if (message.type !== 'listen') return log.warn({ err: error.message }, 'a message could not be acted on')
    say({ type: 'failed', detail: error.message })
    close()
  })
})
for (const signal of ['SIGTERM', 'SIGINT', 'disconnect']) process.on(signal, close)
