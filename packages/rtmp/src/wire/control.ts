import { ProtocolError } from '../protocol-error.ts'
import { ourChunkBytes, writeMessage } from './chunk-writer.ts'
import { messageTypes } from './message.ts'

const controlStream = { chunkStreamId: 2, streamId: 0 }
const ourWindowBytes = 2_500_000
const dynamicLimit = 2
const events = { streamBegin: 0, pingRequest: 6, pingResponse: 7 }

const numbers = (...values: number[]) => {
  const payload = Buffer.alloc(4 * values.length)
  values.forEach((value, index) => void payload.writeUInt32BE(value >>> 0, 4 * index))
  return payload
}

const control = (type: number, payload: Buffer) => writeMessage({ ...controlStream, type, payload })

/** What is said once a client has connected: how much we take unacknowledged, and how large our chunks are. */
export const welcome = () =>
  Buffer.concat([
    control(messageTypes.windowSize, numbers(ourWindowBytes)),
    control(
      messageTypes.peerBandwidth,
      Buffer.concat([numbers(ourWindowBytes), Buffer.from([dynamicLimit])]),
    ),
    control(messageTypes.setChunkSize, numbers(ourChunkBytes)),
  ])

export const acknowledgement = (receivedBytes: number) =>
  control(messageTypes.acknowledgement, numbers(receivedBytes))

export const streamBegin = (streamId: number) => userControl(events.streamBegin, numbers(streamId))

function userControl(event: number, content: Buffer): Buffer {
  const head = Buffer.alloc(2)
  head.writeUInt16BE(event)
  return control(messageTypes.userControl, Buffer.concat([head, content]))
}

/** The one number that most control messages have. */
export function readNumber(payload: Buffer): number {
  if (payload.length < 4) throw new ProtocolError('a control message is cut short')
  return payload.readUInt32BE(0)
}

/** The answer to a ping; undefined for all other events, which tell a server nothing. */
export function answerUserControl(payload: Buffer): Buffer | undefined {
  if (payload.length < 6 || payload.readUInt16BE(0) !== events.pingRequest) return undefined
  return userControl(events.pingResponse, payload.subarray(2, 6))
}
