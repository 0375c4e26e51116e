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
  if (!text.startsWith('n:') || Buffer.from(text).toString('base64url') !== cursor)
    throw problems.notACursor()
  return text.slice(2)
}
