const mostFrames = 8

/** Joins the frames of one picture, with the index by which decoders part them; undefined when there are too many. */
export function joinVp9Superframe(frames: Buffer[]): Buffer | undefined {
  if (frames.length === 0 || frames.length > mostFrames) return undefined
  if (frames.length === 1) return frames[0]
  const largest = Math.max(...frames.map((frame) => frame.length))
  const sizeBytes = Math.ceil((32 - Math.clz32(largest)) / 8)
  const marker = 0xc0 | ((sizeBytes - 1) << 3) | (frames.length - 1)
  const index = Buffer.alloc(2 + sizeBytes * frames.length, marker)
  for (const [number, frame] of frames.entries())
    index.writeUIntLE(frame.length, 1 + number * sizeBytes, sizeBytes)
  return Buffer.concat([...frames, index])
}
