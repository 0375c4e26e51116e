import { readAmf } from '../amf/read.ts'
import { messageTypes, type RtmpMessage } from '../wire/message.ts'
import type { MediaEvent } from './event.ts'
import { readAudio } from './read-audio.ts'
import { readMetadata } from './read-metadata.ts'
import { createVideoReader } from './read-video.ts'
import { createTimeUnwrapper } from './unwrap-time.ts'

/** Reads the media of one publisher; undefined for what is none. Throws as its parts do. */
export function createMediaReader(): (message: RtmpMessage) => MediaEvent | undefined {
  const video = createVideoReader()
  const unwrap = createTimeUnwrapper()
  return ({ type, timestamp, payload }) => {
    switch (type) {
      case messageTypes.video:
        return video.read(payload, unwrap(timestamp))
      case messageTypes.audio:
        return readAudio(payload, unwrap(timestamp))
      case messageTypes.data:
        return readMetadata(readAmf(payload))
      default:
        return undefined
    }
  }
}
