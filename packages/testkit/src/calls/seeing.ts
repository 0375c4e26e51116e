import {
  type RemoteTrack,
  type Room,
  VideoBufferType,
  type VideoFrameEvent,
  VideoStream,
} from '@livekit/rtc-node'
import { untilFrame } from './subscription.ts'
import { type Colour, hasMoved, look, nameColour, type Sight } from './video-pattern.ts'

/** Resolves when the decoded video of a participant shows a ground colour, and its block at three places if it must move. */
export async function seePattern(
  room: Room,
  identity: string,
  { colour, moving = true, timeoutMs }: { colour: Colour; moving?: boolean; timeoutMs: number },
): Promise<void> {
  let frames = 0
  let last: Sight | undefined
  let moves = 0
  const accept = ({ frame }: VideoFrameEvent) => {
    const picture = frame.type === VideoBufferType.I420 ? frame : frame.convert(VideoBufferType.I420)
    const earlier = last
    last = look(picture)
    frames++
    if (nameColour(last) !== colour) moves = 0
    else if (!moving) return true
    else if (earlier && hasMoved(earlier, last)) moves++
    return moves >= 2
  }
  const describe = () =>
    `no ${moving ? 'moving ' : ''}${colour} was seen from ${identity} (${frames} frames, last ${inWords(last)}, ${moves} moves)`
  const open = (track: RemoteTrack) => new VideoStream(track)
  await untilFrame({ room, identity, kind: 'video', open }, { accept, timeoutMs, describe })
}

function inWords(sight: Sight | undefined): string {
  if (!sight) return 'none'
  const { y, u, v } = sight.ground
  const yuv = [y, u, v].map(Math.round).join(' ')
  return `${nameColour(sight) ?? 'no known colour'}, YUV ${yuv}, ${sight.block ? 'with' : 'without'} a block`
}
