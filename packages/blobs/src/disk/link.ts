import { createHmac, timingSafeEqual } from 'node:crypto'
import type { LinkOptions } from '../blob-store.ts'
import { checkExpiry, checkKey } from '../checks.ts'
import { isKey } from '../key.ts'

const pathPrefix = '/blobs/'

/** What a link opens, or why it opens nothing. */
export type OpenedLink = { key: string; fileName: string } | { refused: 'invalid' | 'expired' }

/** A URL below an origin's `/blobs/`, signed so that it opens this blob, under this file name, until it expires. */
export function signLink(key: string, options: LinkOptions & { signingKey: Buffer; now: Date }): string {
  checkKey(key)
  checkExpiry(options.expiresInSeconds)
  const name = options.fileName.toWellFormed()
  const expires = String(Math.floor(options.now.getTime() / 1000) + options.expiresInSeconds)
  const signature = sign(options.signingKey, key, expires, name).toString('base64url')
  const path = key.split('/').map(encodeURIComponent).join('/')
  return new URL(`${pathPrefix}${path}?${new URLSearchParams({ expires, name, signature })}`, options.origin)
    .href
}

/** Opens a link, given as a URL or as the path and query of a request. */
export function openLink(
  link: string | URL,
  { signingKey, now }: { signingKey: Buffer; now: Date },
): OpenedLink {
  const url = URL.parse(link, 'http://any')
  const key = url?.pathname.startsWith(pathPrefix) ? decode(url.pathname.slice(pathPrefix.length)) : undefined
  if (!url || key === undefined || !isKey(key)) return { refused: 'invalid' }
  const [expires, name, signature] = ['expires', 'name', 'signature'].map(
    (part) => url.searchParams.get(part) ?? '',
  )
  const given = Buffer.from(signature ?? '', 'base64url')
  const right = sign(signingKey, key, expires ?? '', name ?? '')
  if (given.length !== right.length || !timingSafeEqual(given, right)) return { refused: 'invalid' }
  if (now.getTime() >= Number(expires) * 1000) return { refused: 'expired' }
  return { key, fileName: name ?? '' }
}

// As JSON, so that no part can pass for the end of another; named, so that nothing else signed by the key opens a blob.
const sign = (signingKey: Buffer, ...parts: string[]) =>
  createHmac('sha256', signingKey)
    .update(JSON.stringify(['blob link', ...parts]))
    .digest()

function decode(path: string): string | undefined {
  try {
    return decodeURIComponent(path)
  } catch {
    return undefined
  }
}
