import { createVideoReader, type VideoConfig, type VideoFrame } from '@rtcstack/rtmp'

const fileHeadBytes = 13
const tagHeadBytes = 11
const videoTag = 9

/** Reads the video of a stream of FLV as it comes, in pieces of any size. */
export function createFlvReader(): (bytes: Buffer) => (VideoConfig | VideoFrame)[] {
  const reader = createVideoReader()
  let waiting: Buffer = Buffer.alloc(0)
  let isBegun = false
  return (bytes) => {
    waiting = waiting.length === 0 ? bytes : Buffer.concat([waiting, bytes])
    const events: (VideoConfig | VideoFrame)[] = []
    if (!isBegun) {
      if (waiting.length < fileHeadBytes) return events
      waiting = waiting.subarray(fileHeadBytes)
      isBegun = true
    }
    while (waiting.length >= tagHeadBytes) {
      const end = tagHeadBytes + waiting.readUIntBE(1, 3)
      if (waiting.length < end + 4) break
      const timeMs = waiting.readUIntBE(4, 3) + waiting.readUInt8(7) * 0x1000000
      const event =
        waiting[0] === videoTag ? reader.read(waiting.subarray(tagHeadBytes, end), timeMs) : undefined
      if (event) events.push(event)
      waiting = waiting.subarray(end + 4)
    }
    return events
  }
}
