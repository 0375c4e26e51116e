import type { LedgerEvent, TestEvent } from '@rtcstack/contract'
import { WebhookVerificationError } from './errors.ts'

/** Headers as a framework has them: a `Headers`, or an object with names in any case. */
export type WebhookHeaders = Headers | Record<string, string | string[] | undefined>

export interface VerifyOptions {
  /** How far the time of the delivery may be from ours, both ways; 300 unless told. */
  toleranceSeconds?: number
  /** Milliseconds since 1970; `Date.now` unless told. */
  now?: () => number
}

const prefix = 'whsec_'
const minKeyBytes = 24
const maxKeyBytes = 64

/**
 * Checks that a delivery is from your RTCstack server, and gives its event. `rawBody` is the body as it was received:
 * parsed and written again it is another. Several secrets may be given while one is changed. Throws
 * `WebhookVerificationError`. By WebCrypto alone: it runs in Node, in edge runtimes and in browsers (Standard Webhooks 1.0).
 */
export async function verifyWebhook(
  rawBody: string | Uint8Array,
  headers: WebhookHeaders,
  secret: string | readonly string[],
  { toleranceSeconds = 300, now = Date.now }: VerifyOptions = {},
): Promise<LedgerEvent | TestEvent> {
  const id = headerOf(headers, 'webhook-id')
  const timestamp = headerOf(headers, 'webhook-timestamp')
  const signatures = headerOf(headers, 'webhook-signature')
  const awaySeconds = Math.abs(now() / 1000 - Number(timestamp))
  if (!/^\d+$/.test(timestamp) || awaySeconds > toleranceSeconds)
    throw new WebhookVerificationError(
      'The webhook-timestamp is too far from the time here: check the clock, or it is an old delivery sent again',
    )
  const message = concatenate(`${id}.${timestamp}.`, rawBody)
  const keys = await Promise.all([secret].flat().map((one) => importKey(one)))
  if (!(await isSigned(message, signatures, keys)))
    throw new WebhookVerificationError(
      'No signature matches: check the secret, and that the body is given as it was received, not parsed',
    )
  const text = typeof rawBody === 'string' ? rawBody : new TextDecoder().decode(rawBody)
  return JSON.parse(text) as LedgerEvent | TestEvent
}

/** Signs a delivery as the server does: the headers to send with this body. */
export async function signWebhook(message: {
  id: string
  timestamp: Date
  body: string
  secret: string
}): Promise<Record<'webhook-id' | 'webhook-timestamp' | 'webhook-signature', string>> {
  const { id, body, secret } = message
  const timestamp = String(Math.floor(message.timestamp.getTime() / 1000))
  const key = await importKey(secret)
  const signature = await crypto.subtle.sign('HMAC', key, concatenate(`${id}.${timestamp}.`, body))
  return {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': `v1,${btoa(String.fromCharCode(...new Uint8Array(signature)))}`,
  }
}

async function isSigned(
  message: Uint8Array<ArrayBuffer>,
  signatures: string,
  keys: CryptoKey[],
): Promise<boolean> {
  for (const signature of signatures.split(' ')) {
    const bytes = signature.startsWith('v1,') ? fromBase64(signature.slice(3)) : undefined
    if (!bytes) continue
    for (const key of keys) if (await crypto.subtle.verify('HMAC', key, bytes, message)) return true
  }
  return false
}

/** Base64 of 24 to 64 bytes after `whsec_`; any other text of 24 bytes or more is the key itself. */
async function importKey(secret: string): Promise<CryptoKey> {
  const key = secret.startsWith(prefix)
    ? fromBase64(secret.slice(prefix.length))
    : new TextEncoder().encode(secret)
  const fits = key && key.length >= minKeyBytes && (!secret.startsWith(prefix) || key.length <= maxKeyBytes)
  if (!fits)
    throw new WebhookVerificationError(
      'The secret must be whsec_ and base64 of 24 to 64 bytes, or any text of 24 bytes or more',
    )
  return crypto.subtle.importKey('raw', key, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign', 'verify'])
}

function headerOf(headers: WebhookHeaders, name: string): string {
  // A header that came twice is no delivery of ours: which of the two is meant is not guessed.
  const [value, ...others] = [givenValue(headers, name) ?? []].flat()
  if (value && others.length === 0) return value
  throw new WebhookVerificationError(
    `The ${name} header is ${value ? 'repeated' : 'missing: give all headers of the request'}`,
  )
}

/** `Headers` are known by their `get`: they may be of another implementation than the global one. */
const givenValue = (headers: WebhookHeaders, name: string) =>
  isHeaders(headers)
    ? headers.get(name)
    : Object.entries(headers).find(([key]) => key.toLowerCase() === name)?.[1]

const isHeaders = (headers: WebhookHeaders): headers is Headers => typeof headers.get === 'function'

function concatenate(head: string, body: string | Uint8Array): Uint8Array<ArrayBuffer> {
  const encoder = new TextEncoder()
  const first = encoder.encode(head)
  const rest = typeof body === 'string' ? encoder.encode(body) : body
  const whole = new Uint8Array(first.length + rest.length)
  whole.set(first)
  whole.set(rest, first.length)
  return whole
}

function fromBase64(text: string): Uint8Array<ArrayBuffer> | undefined {
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0))
  } catch {
    return undefined
  }
}
