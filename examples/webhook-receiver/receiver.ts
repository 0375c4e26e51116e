import { createServer, type IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import { type LedgerEvent, type TestEvent, verifyWebhook } from '@rtcstack/sdk'

const { WEBHOOK_SECRET = '', PORT = '4000' } = process.env
const maxBytes = 128 * 1024

// A delivery may come twice, with the same webhook-id, which is the event's id. Keep ids where you keep what you do with events: in your database.
const seen = new Set<string>()

createServer(async (request, response) => {
  const event = await receive(request).catch((error: Error) => console.error(`refused: ${error.message}`))
  // Answer at once, and work afterwards: after 15 seconds without an answer the delivery counts as failed.
  response.writeHead(event ? 204 : 400).end()
  if (!event || seen.has(event.id)) return
  seen.add(event.id)
  console.log(describe(event))
}).listen(Number(PORT), '127.0.0.1', () => console.log(`waiting at http://127.0.0.1:${PORT}`))

async function receive(request: IncomingMessage): Promise<LedgerEvent | TestEvent> {
  if (!(Number(request.headers['content-length']) <= maxBytes)) throw new Error('the body is too long')
  return verifyWebhook(await text(request), request.headers, WEBHOOK_SECRET)
}

function describe(event: LedgerEvent | TestEvent): string {
  switch (event.type) {
    case 'room_created':
      return `${event.roomId} is open`
    case 'participant_joined':
      return `${event.data.participant.name} is in ${event.roomId}`
    case 'participant_left':
      return `${event.data.participant.name} left ${event.roomId} after ${event.data.durationSeconds} s`
    default:
      return `${event.type} ${event.roomId}`
  }
}
