import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import fc from 'fast-check'
import { Webhook as StandardWebhook } from 'standardwebhooks'
import { Webhook as SvixWebhook } from 'svix'
import { expect, test, vi } from 'vitest'
import { WebhookVerificationError } from './errors.ts'
import { signWebhook, verifyWebhook } from './webhook-signature.ts'

const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`
const otherSecret = 'any text of 24 bytes or more'
const event = { id: 'room_created:RM_1', type: 'room_created', data: { room: { name: 'Ünïcode 🎥' } } }
const body = JSON.stringify(event)
const sign = (given: Partial<Parameters<typeof signWebhook>[0]> = {}) =>
  signWebhook({ id: event.id, timestamp: new Date(), body, secret, ...given })

/** Why a delivery is refused. */
async function refusal(...given: Parameters<typeof verifyWebhook>): Promise<string> {
  const error = await verifyWebhook(...given).catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(WebhookVerificationError)
  return (error as Error).message
}

/** Others take a text that is no base64 only as bytes: as a text they would cut its characters to bytes. */
function others(secret: string) {
  if (secret.startsWith('whsec_')) return [new StandardWebhook(secret), new SvixWebhook(secret)]
  const key = new TextEncoder().encode(secret)
  return [new StandardWebhook(key, { format: 'raw' }), new SvixWebhook(key, { format: 'raw' })]
}

const secrets = fc.oneof(
  fc
    .uint8Array({ minLength: 24, maxLength: 64 })
    .map((bytes) => `whsec_${Buffer.from(bytes).toString('base64')}`),
  fc.string({ unit: 'grapheme', minLength: 24, maxLength: 80 }).filter((text) => !text.startsWith('whsec_')),
)
const bodies = fc
  .anything({ withNullPrototype: false, maxDepth: 3 })
  .map((value) => JSON.stringify({ value }))

test('it agrees both ways with two other libraries on every message and secret', async () => {
  const message = fc.record({
    id: fc.string({ minLength: 1, maxLength: 60 }).filter((id) => id.trim() === id),
    body: bodies,
    secret: secrets,
  })
  await fc.assert(
    fc.asyncProperty(message, async ({ id, body, secret }) => {
      const timestamp = new Date()
      const headers = await signWebhook({ id, timestamp, body, secret })
      for (const other of others(secret)) {
        other.verify(body, headers)
        const signature = other.sign(id, timestamp, body)
        expect(signature).toBe(headers['webhook-signature'])
        expect(await verifyWebhook(body, { ...headers, 'webhook-signature': signature }, secret)).toEqual(
          JSON.parse(body),
        )
      }
    }),
    { numRuns: 2000 },
  )
})

test('one changed byte of the body, the id, the time or the signature is refused', async () => {
  const headers = await sign()
  const bytes = new TextEncoder().encode(body)
  await fc.assert(
    fc.asyncProperty(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), async (place, change) => {
      const changed = Uint8Array.from(bytes)
      changed[place] = (changed[place] ?? 0) ^ change
      expect(await refusal(changed, headers, secret)).toContain('No signature matches')
    }),
    { numRuns: 300 },
  )
  const second = String(Number(headers['webhook-timestamp']) + 1)
  for (const change of [
    { 'webhook-id': 'room_created:RM_2' },
    { 'webhook-timestamp': second },
    { 'webhook-signature': (await sign({ body: `${body} ` }))['webhook-signature'] },
    { 'webhook-signature': headers['webhook-signature'].replace('v1,', 'v1a,') },
    { 'webhook-signature': headers['webhook-signature'].slice(0, -5) },
    { 'webhook-signature': 'v1,' },
    { 'webhook-signature': 'v1,***' },
  ])
    expect(await refusal(body, { ...headers, ...change }, secret)).toContain('No signature matches')
  expect(await refusal(body, headers, otherSecret)).toContain('No signature matches')
})

test('a body is taken as a text, as bytes and as a Buffer', async () => {
  const headers = await sign()
  for (const raw of [body, new TextEncoder().encode(body), Buffer.from(body)])
    expect(await verifyWebhook(raw, headers, secret)).toEqual(event)
})

test('headers are taken as every framework has them', async () => {
  const headers = await sign()
  const entries = Object.entries(headers)
  // As an edge runtime, a polyfill or another copy of undici has them.
  const foreign = { get: (name: string) => new Map(entries).get(name) ?? null } as unknown as Headers
  for (const given of [
    headers,
    new Headers(headers),
    foreign,
    { ...headers, host: 'example.com', cookie: undefined },
    Object.fromEntries(entries.map(([name, value]) => [name.toUpperCase(), value])),
    Object.fromEntries(entries.map(([name, value]) => [name, [value]])),
  ])
    expect(await verifyWebhook(body, given, secret)).toEqual(event)
})

test.each(['webhook-id', 'webhook-timestamp', 'webhook-signature'] as const)(
  'without %s, or with two, it is refused by name',
  async (name) => {
    const headers = await sign()
    const { [name]: value, ...rest } = headers
    for (const given of [rest, new Headers(rest), { ...rest, [name]: '' }, { ...rest, [name]: [] }])
      expect(await refusal(body, given, secret)).toBe(
        `The ${name} header is missing: give all headers of the request`,
      )
    expect(await refusal(body, { ...rest, [name]: [value, value] }, secret)).toBe(
      `The ${name} header is repeated`,
    )
  },
)

test('a delivery of more than five minutes ago, or ahead, is refused', async () => {
  const headers = await sign({ timestamp: new Date(1_000_000_000) })
  const at = (seconds: number) => ({ now: () => 1_000_000_000 + seconds * 1000 })
  for (const seconds of [-300, 0, 300])
    expect(await verifyWebhook(body, headers, secret, at(seconds))).toEqual(event)
  for (const seconds of [-301, 301, 86_400])
    expect(await refusal(body, headers, secret, at(seconds))).toContain('check the clock')
  const wide = { ...at(400), toleranceSeconds: 500 }
  expect(await verifyWebhook(body, headers, secret, wide)).toEqual(event)
})

test.each(['', ' ', 'now', '1e9', '-1', '1.5', '0x10', `1${'0'.repeat(400)}`])(
  'the time %o is refused',
  async (time) => {
    expect(await refusal(body, { ...(await sign()), 'webhook-timestamp': time }, secret)).toMatch(
      /webhook-timestamp/,
    )
  },
)

test('while a secret is rotated, either secret and either signature will do', async () => {
  const [older, newer] = await Promise.all([sign({ secret: otherSecret }), sign()])
  const both = {
    ...newer,
    'webhook-signature': `${newer['webhook-signature']} ${older['webhook-signature']}`,
  }
  for (const given of [secret, otherSecret, [secret, otherSecret], [otherSecret, secret]])
    expect(await verifyWebhook(body, both, given)).toEqual(event)
  for (const headers of [older, newer])
    expect(await verifyWebhook(body, headers, [secret, otherSecret])).toEqual(event)
  const unknown = { ...newer, 'webhook-signature': `v1a,abc v2,x ${newer['webhook-signature']}` }
  expect(await verifyWebhook(body, unknown, secret)).toEqual(event)
})

test.each([
  '',
  'short',
  'whsec_',
  'whsec_c2hvcnQ=',
  `whsec_${Buffer.alloc(65).toString('base64')}`,
  'whsec_no base64 at all!',
])('the secret %o is refused, and what a secret is, is said', async (bad) => {
  expect(await refusal(body, await sign(), bad)).toContain(
    'base64 of 24 to 64 bytes, or any text of 24 bytes',
  )
  await expect(sign({ secret: bad })).rejects.toThrow(WebhookVerificationError)
  expect(await refusal(body, await sign(), [secret, bad])).toContain('The secret must be')
})

test('no secret at all lets nothing pass', async () => {
  expect(await refusal(body, await sign(), [])).toContain('No signature matches')
})

test('signatures are compared by WebCrypto alone, which takes the same time for all of them', async () => {
  const verifying = vi.spyOn(crypto.subtle, 'verify')
  const headers = await sign()
  const bad = { ...headers, 'webhook-signature': `v1,${btoa('x'.repeat(32))}` }
  await refusal(body, bad, secret)
  await verifyWebhook(body, headers, secret)
  expect(await Promise.all(verifying.mock.results.map(({ value }) => value))).toEqual([false, true])
})

test('the whole SDK loads and verifies where there is nothing of Node', async () => {
  const script = `
    import { registerHooks, isBuiltin } from 'node:module'
    registerHooks({
      resolve(name, context, next) {
        if (isBuiltin(name)) throw new Error(context.parentURL + ' imports ' + name)
        return next(name, context)
      },
    })
    const { log } = console
    // Node's own fetch, which Headers belong to, is set up at its first use, with Node's means.
    void Headers
    for (const name of ['process', 'Buffer', 'global', 'require', 'setImmediate', 'clearImmediate']) delete globalThis[name]
    const { signWebhook, verifyWebhook } = await import(${JSON.stringify(import.meta.resolve('./index.ts'))})
    const secret = ${JSON.stringify(secret)}
    const body = ${JSON.stringify(body)}
    const headers = await signWebhook({ id: 'a', timestamp: new Date(), body, secret })
    log((await verifyWebhook(body, new Headers(headers), secret)).id)`
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script])
  expect(stdout.trim()).toBe(event.id)
})
