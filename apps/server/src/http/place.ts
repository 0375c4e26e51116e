import { problems } from './problem.ts'

/** Items on a page of our own tables where no limit is asked for. */
export const defaultLimit = 50

/** A cursor that says after which place of an ordered table the next page begins. */
export const writePlace = (place: string[]): string =>
  Buffer.from(JSON.stringify(place)).toString('base64url')

/** The place that a cursor says; throws where `toPlace` makes nothing of it. */
export function readPlace<T>(cursor: string, toPlace: (parts: unknown[]) => T | undefined): T {
  try {
    const parts: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString())
    const place = Array.isArray(parts) ? toPlace(parts) : undefined
    if (place !== undefined) return place
  } catch {
    // Below it is refused like any other.
  }
  throw problems.notACursor()
}
