const fileHeaderBytes = 32
const frameHeaderBytes = 12

/** The frames of an IVF file, as an encoder gave them. */
export function readIvf(file: Buffer): Buffer[] {
  const frames: Buffer[] = []
  for (let at = fileHeaderBytes; at < file.length; ) {
    const end = at + frameHeaderBytes + file.readUInt32LE(at)
    frames.push(file.subarray(at + frameHeaderBytes, end))
    at = end
  }
  return frames
}

/** An IVF file of frames at 25 a second. */
export function writeIvf(fourCc: string, frames: Buffer[]): Buffer {
  const header = Buffer.alloc(fileHeaderBytes)
  header.write(`DKIF\0\0 \0${fourCc}`, 'latin1')
  header.writeUInt32LE(25, 16)
  header.writeUInt32LE(1, 20)
  const parts = frames.flatMap((frame, index) => {
    const head = Buffer.alloc(frameHeaderBytes)
    head.writeUInt32LE(frame.length)
    head.writeUInt32LE(index, 4)
    return [head, frame]
  })
  return Buffer.concat([header, ...parts])
}
