import { readAmf } from './amf/read.ts'
import { type AmfObject, type AmfValue, isAmfObject } from './amf/value.ts'
import { writeAmf } from './amf/write.ts'
import { ProtocolError } from './protocol-error.ts'
import { writeMessage } from './wire/chunk-writer.ts'
import { messageTypes, type RtmpMessage } from './wire/message.ts'

/** A call of the client's: its name, the number that an answer repeats, and what it has. */
export interface Command {
  name: string
  transactionId: number
  object: AmfObject | undefined
  args: AmfValue[]
}

export const ourStreamId = 1

export function readCommand({ type, payload }: RtmpMessage): Command {
  // AMF3 commands have a byte before, and are AMF0 after it.
  const [name, transactionId, object, ...args] = readAmf(
    type === messageTypes.commandAmf3 ? payload.subarray(1) : payload,
  )
  if (typeof name !== 'string') throw new ProtocolError('a command without a name')
  return {
    name,
    transactionId: typeof transactionId === 'number' ? transactionId : 0,
    object: isAmfObject(object) ? object : undefined,
    args,
  }
}

const answer = (name: '_result' | '_error', transactionId: number, ...values: AmfValue[]) =>
  writeMessage({
    chunkStreamId: 3,
    streamId: 0,
    type: messageTypes.command,
    payload: writeAmf(name, transactionId, ...values),
  })

export const result = (transactionId: number, value: AmfValue = null) =>
  answer('_result', transactionId, null, value)

export const connected = (transactionId: number) =>
  answer(
    '_result',
    transactionId,
    // Encoders look at the first number of the version.
    { fmsVer: 'FMS/3,0,1,123', capabilities: 31 },
    {
      level: 'status',
      code: 'NetConnection.Connect.Success',
      description: 'Connected.',
      objectEncoding: 0,
    },
  )

export const unknownCall = (transactionId: number) =>
  answer('_error', transactionId, null, {
    level: 'error',
    code: 'NetConnection.Call.Failed',
    description: 'There is no such call.',
  })

/** What the stream's owner is told; encoders show the description of an error to their user. */
export const status = (level: 'status' | 'error', code: string, description: string) =>
  writeMessage({
    chunkStreamId: 5,
    streamId: ourStreamId,
    type: messageTypes.command,
    payload: writeAmf('onStatus', 0, null, { level, code, description }),
  })
