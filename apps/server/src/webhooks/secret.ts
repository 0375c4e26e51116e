import { randomBytes } from 'node:crypto'

const prefix = 'whsec_'
const minBytes = 24
const maxBytes = 64

/** A new secret: `whsec_` and 32 random bytes. */
export const makeSecret = (): string => `${prefix}${randomBytes(32).toString('base64')}`

/**
 * The key that a secret stands for (Standard Webhooks 1.0): what follows `whsec_` is base64 of 24 to 64 bytes, and any
 * other text of 24 bytes or more is the key itself. Undefined for anything else: nothing is guessed.
 */
export function secretKey(secret: string): Buffer | undefined {
  if (!secret.startsWith(prefix)) {
    const raw = Buffer.from(secret)
    return raw.length >= minBytes ? raw : undefined
  }
  const text = secret.slice(prefix.length)
  const key = Buffer.from(text, 'base64')
  const base64 = key.toString('base64')
  const isBase64 = text === base64 || text === base64.replace(/=+$/, '')
  return isBase64 && key.length >= minBytes && key.length <= maxBytes ? key : undefined
}
