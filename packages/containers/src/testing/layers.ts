import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { readIvf } from './ivf.ts'

/**
 * Sixteen pictures of 192×96 in three spatial layers, each half as wide as the next, as the SVC controls of libvpx and libaom
 * make them, which ffmpeg does not reach.
 */
export const readLayered = (codec: 'vp9' | 'av1') =>
  readFileSync(join(import.meta.dirname, 'layers', `${codec}-l3.ivf`))

/** The layers of each picture of VP9, by the index at its end. */
export function vp9Layers(file: Buffer): Buffer[][] {
  return readIvf(file).map((picture) => {
    const marker = picture.at(-1) as number
    const count = (marker & 7) + 1
    const sizeBytes = ((marker >> 3) & 3) + 1
    const indexAt = picture.length - 2 - count * sizeBytes
    let at = 0
    return Array.from({ length: count }, (_, layer) => {
      const length = picture.readUIntLE(indexAt + 1 + layer * sizeBytes, sizeBytes)
      at += length
      return picture.subarray(at - length, at)
    })
  })
}
