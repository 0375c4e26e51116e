import { problems } from './problem.ts'

const maxDepth = 32
const decoder = new TextDecoder('utf-8', { fatal: true })

/**
 * Reads one JSON value and refuses what different parsers read differently: repeated keys, `__proto__`,
 * NUL and lone surrogates in strings, depth over 32, bytes that are not UTF-8. An empty body is undefined.
 */
export function parseStrictJson(bytes: Buffer): unknown {
  if (bytes.length === 0) return undefined
  const text = decode(bytes)
  refuseRepeatedKeys(text)
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw problems.badRequest('The body is not JSON')
  }
  refuseOddities(value)
  return value
}

function decode(bytes: Buffer): string {
  try {
    return decoder.decode(bytes)
  } catch {
    throw problems.badRequest('The body is not UTF-8')
  }
}

/** One pass over the text: strings directly in an object and before a colon are keys. Ill-formed text is left to JSON.parse. */
function refuseRepeatedKeys(text: string): void {
  const open: (Set<string> | undefined)[] = []
  for (let at = 0; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case 0x7b: // {
        open.push(new Set())
        break
      case 0x5b: // [
        open.push(undefined)
        break
      case 0x7d: // }
      case 0x5d: // ]
        open.pop()
        break
      case 0x22: {
        const end = endOfString(text, at)
        const keys = open.at(-1)
        if (keys && isFollowedByColon(text, end)) refuseKnownKey(keys, text.slice(at, end))
        at = end - 1
        break
      }
    }
    if (open.length > maxDepth) throw problems.badRequest(`The body is nested deeper than ${maxDepth} levels`)
  }
}

function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === 0x5c) at++
    else if (code === 0x22) return at + 1
  }
  return text.length
}

function isFollowedByColon(text: string, from: number): boolean {
  let at = from
  while (text[at] === ' ' || text[at] === '\n' || text[at] === '\r' || text[at] === '\t') at++
  return text[at] === ':'
}

function refuseKnownKey(keys: Set<string>, quoted: string): void {
  let key = quoted.slice(1, -1)
  if (key.includes('\\')) {
    try {
      key = JSON.parse(quoted) as string
    } catch {
      return
    }
  }
  if (keys.has(key)) throw problems.badRequest('The body repeats a key of an object')
  keys.add(key)
}

function refuseOddities(value: unknown): void {
  if (typeof value === 'string') refuseOddText(value)
  else if (Array.isArray(value)) value.forEach(refuseOddities)
  else if (typeof value === 'object' && value !== null) {
    for (const [key, part] of Object.entries(value)) {
      if (key === '__proto__') throw problems.badRequest('The body has the key __proto__')
      refuseOddText(key)
      refuseOddities(part)
    }
  }
}

function refuseOddText(text: string): void {
  if (text.includes('\0')) throw problems.badRequest('A text of the body has a NUL character')
  if (!text.isWellFormed()) throw problems.badRequest('A text of the body has half of a surrogate pair')
}
