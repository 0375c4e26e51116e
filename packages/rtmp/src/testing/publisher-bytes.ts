import type { AmfValue } from '../amf/value.ts'
import { writeAmf } from '../amf/write.ts'
import { messageTypes, type RtmpMessage } from '../wire/message.ts'

// What an encoder sends, made without the code under test where it could hide a fault of its own: chunks of any size.

const blockBytes = 1536

/** Both blocks of a client, sent without waiting for ours. */
export const helloBytes = Buffer.concat([Buffer.from([3]), Buffer.alloc(2 * blockBytes)])

/** A message in chunks of format 0 and 3. */
export function chunksOf(
  { type, timestamp = 0, streamId = 0, payload }: Partial<RtmpMessage> & { type: number; payload: Buffer },
  { chunkStreamId = 3, chunkBytes = 128 } = {},
): Buffer {
  const isExtended = timestamp >= 0xffffff
  const extended = Buffer.alloc(isExtended ? 4 : 0)
  if (isExtended) extended.writeUInt32BE(timestamp)
  const header = Buffer.alloc(12)
  header[0] = chunkStreamId
  header.writeUIntBE(isExtended ? 0xffffff : timestamp, 1, 3)
  header.writeUIntBE(payload.length, 4, 3)
  header[7] = type
  header.writeUInt32LE(streamId, 8)
  const parts = [header, extended, payload.subarray(0, chunkBytes)]
  for (let at = chunkBytes; at < payload.length; at += chunkBytes)
    parts.push(Buffer.from([0xc0 | chunkStreamId]), extended, payload.subarray(at, at + chunkBytes))
  return Buffer.concat(parts)
}

export const commandBytes = (...values: AmfValue[]) =>
  chunksOf({ type: messageTypes.command, payload: writeAmf(...values) })

export const connectBytes = (app = 'live') => commandBytes('connect', 1, { app, tcUrl: 'not a url' })

export const publishBytes = (key: string) =>
  Buffer.concat([
    commandBytes('releaseStream', 2, null, key),
    commandBytes('FCPublish', 3, null, key),
    commandBytes('createStream', 4, null),
    commandBytes('publish', 5, null, key, 'live'),
  ])

/** Everything up to the question whether the key may publish. */
export const openingBytes = (key = 'a-key', app = 'live') =>
  Buffer.concat([helloBytes, connectBytes(app), publishBytes(key)])

/** 320×180 of a constrained baseline, as x264 writes it. */
const sequenceSet = Buffer.from('6742c00dd9014196840000030004000003003c8f142a92', 'hex')
const pictureSet = Buffer.from('68cb83cb20', 'hex')

const withLength = (unit: Buffer) => {
  const length = Buffer.alloc(2)
  length.writeUInt16BE(unit.length)
  return Buffer.concat([length, unit])
}

/** A configuration record with one set of each kind; frames have lengths of four bytes. */
export const videoConfigBody = Buffer.concat([
  Buffer.from([0x17, 0, 0, 0, 0, 1, 0x42, 0xc0, 0x0d, 0xff, 0xe1]),
  withLength(sequenceSet),
  Buffer.from([1]),
  withLength(pictureSet),
])

export function videoBody(units: Buffer[], { isKey = false, offsetMs = 0 } = {}): Buffer {
  const head = Buffer.from([isKey ? 0x17 : 0x27, 1, 0, 0, 0])
  head.writeIntBE(offsetMs, 2, 3)
  return Buffer.concat([
    head,
    ...units.flatMap((unit) => [Buffer.from([0, 0, unit.length >> 8, unit.length & 255]), unit]),
  ])
}

/** AAC of 48 kHz in two channels. */
export const audioConfigBody = Buffer.from([0xaf, 0, 0x11, 0x90])
export const audioBody = Buffer.from([0xaf, 1, 0x21, 0x10, 0x04])

export const mediaBytes = (type: 'audio' | 'video', body: Buffer, timestamp = 0) =>
  chunksOf(
    { type: messageTypes[type], timestamp, streamId: 1, payload: body },
    { chunkStreamId: type === 'audio' ? 4 : 6 },
  )
