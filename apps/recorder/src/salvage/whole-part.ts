import { readFile, rm, truncate } from 'node:fs/promises'
import { wholeMatroska } from './whole-matroska.ts'
import { wholeOgg } from './whole-ogg.ts'

/** How much of a file that grew until its writer was killed is whole, and the time up to which it goes. */
export interface Whole {
  sizeBytes: number
  untilMs: number
}

/** Cuts what is torn off a file, which is removed when nothing is left that plays. */
export async function keepWhole(path: string): Promise<Whole | undefined> {
  const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return Buffer.alloc(0)
    throw error
  })
  const whole = path.endsWith('.ogg') ? wholeOgg(bytes) : wholeMatroska(bytes)
  if (!whole) await rm(path, { force: true })
  else if (whole.sizeBytes < bytes.length) await truncate(path, whole.sizeBytes)
  return whole
}
