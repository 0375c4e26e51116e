import { messageTypes } from '../wire/message.ts'
import type { MediaEvent } from './event.ts'

/** The head of a stream of FLV, as ffmpeg reads it from a pipe. */
export function flvHeader({ hasVideo, hasAudio }: { hasVideo: boolean; hasAudio: boolean }): Buffer {
  const flags = (hasAudio ? 4 : 0) | (hasVideo ? 1 : 0)
  return Buffer.from([0x46, 0x4c, 0x56, 1, flags, 0, 0, 0, 9, 0, 0, 0, 0])
}

/** A tag of FLV at a time in milliseconds, of which 32 bits are kept. */
export function flvTag(event: Exclude<MediaEvent, { type: 'metadata' }>, timeMs: number): Buffer {
  const { body } = event
  const isVideo = event.type === 'video' || event.type === 'video-config'
  const tag = Buffer.alloc(11 + body.length + 4)
  tag[0] = isVideo ? messageTypes.video : messageTypes.audio
  tag.writeUIntBE(body.length, 1, 3)
  tag.writeUIntBE(timeMs & 0xffffff, 4, 3)
  tag[7] = (timeMs / 0x1000000) & 0xff
  body.copy(tag, 11)
  tag.writeUInt32BE(11 + body.length, 11 + body.length)
  return tag
}
