import { problems } from './problem.ts'

interface PageQuery {
  limit?: number
  cursor?: string
}

interface Page<T> {
  items: T[]
  nextCursor: string | null
}

/**
 * One page of a list that is ordered by a unique name: everything where no limit is asked for. The cursor is the name
 * that the last page ended with, so items that come or go in between neither repeat nor hide others.
 */
export function pageOf<T>(items: T[], nameOf: (item: T) => string, { limit, cursor }: PageQuery): Page<T> {
  const after = cursor === undefined ? undefined : readCursor(cursor)
  const rest = after === undefined ? items : items.filter((item) => nameOf(item) > after)
  if (limit === undefined || rest.length <= limit) return { items: rest, nextCursor: null }
  const page = rest.slice(0, limit)
  return { items: page, nextCursor: Buffer.from(`n:${nameOf(page.at(-1) as T)}`).toString('base64url') }
}

function readCursor(cursor: string): string {
  const text = Buffer.from(cursor, 'base64url').toString()
  if (!text.startsWith('n:') || Buffer.from(text).toString('base64url') !== cursor) throw notACursor()
  return text.slice(2)
}

/** Items on a page of our own tables where no limit is asked for. */
export const defaultLimit = 50

/** A cursor that says after which place of an ordered table the next page begins. */
export const writePlace = (place: (string | number)[]): string =>
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
  throw notACursor()
}

const notACursor = () =>
  problems.invalid([{ pointer: '#/query/cursor', detail: 'must be the nextCursor of a page before' }])
