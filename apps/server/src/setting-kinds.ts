import { isIP } from 'node:net'

/** What a setting is, before it is read. */
export interface Setting<T> {
  description: string
  /** Shown in `.env.example`; the value used when the variable is absent or empty. */
  default: string
  parse: (text: string) => T
}

/** Thrown for settings that cannot be used; the message names each and says what to set. */
export class ConfigError extends Error {
  override name = 'ConfigError'
}

const fail = (expected: string): never => {
  throw new ConfigError(`must be ${expected}`)
}

const splitList = (value: string): readonly string[] =>
  value
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')

export const text = (fallback: string, description: string): Setting<string> => ({
  description,
  default: fallback,
  parse: (value) => value,
})

export const integer = (
  fallback: number,
  min: number,
  max: number,
  description: string,
): Setting<number> => ({
  description,
  default: String(fallback),
  parse: (value) => {
    const number = /^\d{1,10}$/.test(value) ? Number(value) : Number.NaN
    return number >= min && number <= max ? number : fail(`a whole number from ${min} to ${max}`)
  },
})

export const port = (fallback: number, description: string) => integer(fallback, 1, 65_535, description)

export const list = (fallback: string, description: string): Setting<readonly string[]> => ({
  description,
  default: fallback,
  parse: splitList,
})

export const cidrs = (description: string): Setting<readonly string[] | undefined> => ({
  description,
  default: '',
  parse: (value) => {
    if (value === '') return undefined
    const networks = value === 'none' ? [] : splitList(value)
    return networks.every(isCidr) ? networks : fail('networks such as 10.0.0.0/8 or fd00::/8')
  },
})

export const seconds = (fallback: string, description: string): Setting<readonly number[]> => ({
  description,
  default: fallback,
  parse: (value) => {
    const numbers = splitList(value).map((part) => (/^\d+(\.\d+)?$/.test(part) ? Number(part) : Number.NaN))
    return numbers.length > 0 && numbers.every((number) => number > 0 && number <= 604_800)
      ? numbers
      : fail('seconds above 0, up to 604800 (a week)')
  },
})

export const url = (schemes: string[], description: string): Setting<string> => ({
  description,
  default: '',
  parse: (value) => {
    if (value === '') return ''
    const scheme = URL.canParse(value) ? new URL(value).protocol.slice(0, -1) : ''
    return schemes.includes(scheme) ? value.replace(/\/+$/, '') : fail(`a URL of ${schemes.join(', ')}`)
  },
})

export const oneOf = <const T extends string>(
  fallback: T,
  values: readonly T[],
  description: string,
): Setting<T> => ({
  description,
  default: fallback,
  parse: (value) => values.find((known) => known === value) ?? fail(`one of ${values.join(', ')}`),
})

function isCidr(text: string): boolean {
  const [address = '', bits = '', ...rest] = text.split('/')
  const width = isIP(address) === 4 ? 32 : isIP(address) === 6 ? 128 : -1
  return rest.length === 0 && /^\d{1,3}$/.test(bits) && Number(bits) <= width
}
