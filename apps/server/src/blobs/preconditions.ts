import type { IncomingHttpHeaders } from 'node:http'

/** Which content a request may know already: its tag, and when it was stored. */
export interface Version {
  etag: string
  modifiedAt: Date
}

/** Whether the asker has this content (RFC 9110, 13.1.2 and 13.1.3): the tag decides where one is given. */
export function isKnown(headers: IncomingHttpHeaders, version: Version): boolean {
  const tags = headers['if-none-match']
  if (tags !== undefined) return tags.trim() === '*' || tagsIn(tags).includes(strong(version.etag))
  const since = Date.parse(headers['if-modified-since'] ?? '')
  return wholeSeconds(version.modifiedAt) <= since
}

/** Whether ranges are of the content that the asker has a part of (13.1.5): one tag that is not weak, or the very time. */
export function isRangeOfKnown(headers: IncomingHttpHeaders, version: Version): boolean {
  const condition = headers['if-range']
  if (condition === undefined) return true
  if (typeof condition !== 'string') return false
  return condition === version.etag || Date.parse(condition) === wholeSeconds(version.modifiedAt)
}

const tagsIn = (list: string): string[] => (list.match(/(W\/)?"[^"]*"/g) ?? []).map(strong)

/** For what a tag is compared with here, a weak one is as good. */
const strong = (tag: string) => tag.replace(/^W\//, '')

const wholeSeconds = (time: Date) => Math.floor(time.getTime() / 1000) * 1000
