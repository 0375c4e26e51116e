import type { VideoConfig, VideoFrame } from '@rtcstack/rtmp'

type VideoEvent = VideoConfig | VideoFrame

/** The frames since the last key frame and the parameter sets before it: what a decoder needs to begin now. */
export interface RecentFrames {
  add(event: VideoEvent): void
  readonly events: VideoEvent[]
}

// Five seconds of 20 Mbit/s. With more in one group of pictures a decoder has to wait for the next key frame.
const mostBytes = 12 * 1024 * 1024

export function createRecentFrames(): RecentFrames {
  let config: VideoConfig | undefined
  let events: VideoEvent[] = []
  let bytes = 0
  return {
    add(event) {
      if (event.type === 'video-config') config = event
      else if (event.isKey) {
        events = config ? [config] : []
        bytes = 0
      }
      const hasKey = events.some(({ type }) => type === 'video')
      const isUsable = event.type === 'video' && (event.isKey || hasKey)
      if (!isUsable && !(event.type === 'video-config' && hasKey)) return
      bytes += event.body.length
      if (bytes > mostBytes) events = []
      else events.push(event)
    },
    get events() {
      return events
    },
  }
}
