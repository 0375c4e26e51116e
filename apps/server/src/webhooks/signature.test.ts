import fc from 'fast-check'
import { Webhook as StandardWebhook } from 'standardwebhooks'
import { Webhook as SvixWebhook } from 'svix'
import { expect, test } from 'vitest'
import { secretKey } from './secret.ts'
import { signatureHeaders } from './signature.ts'

const runs = Number(process.env.SIGNATURE_RUNS ?? 2000)
const libraries = [StandardWebhook, SvixWebhook]
/** Libraries refuse what is further from now; part of it is left for the run itself. */
const toleranceMs = 240_000

const encoded = fc
  .uint8Array({ minLength: 24, maxLength: 64 })
  .map((key) => `whsec_${Buffer.from(key).toString('base64')}`)
const text = fc
  .string({ unit: 'grapheme', minLength: 24, maxLength: 100 })
  .filter((secret) => !secret.startsWith('whsec_'))
const secret = fc.oneof(encoded, text)
const message = fc.record({
  id: fc.stringMatching(/^[a-z_]{1,24}:[A-Za-z0-9_]{1,32}$/),
  sinceMs: fc.integer({ min: -toleranceMs, max: toleranceMs }),
  body: fc.oneof(
    fc.json({ maxDepth: 4 }),
    fc.string({ unit: 'binary', maxLength: 4096 }).map(JSON.stringify),
  ),
})

/** A secret as a receiver would give it to a library. */
function receiverOf(Library: (typeof libraries)[number], secret: string) {
  return secret.startsWith('whsec_')
    ? new Library(secret)
    : new Library(Buffer.from(secret), { format: 'raw' })
}

const keysOf = (secrets: string[]) =>
  secrets.map((one) => {
    const key = secretKey(one)
    if (!key) throw new Error('the secret is refused')
    return key
  })

test('every signature is what two libraries make of it, for each of the secrets while they change', () => {
  fc.assert(
    fc.property(
      message,
      fc.array(secret, { minLength: 1, maxLength: 2 }),
      ({ id, sinceMs, body }, secrets) => {
        const at = new Date(Date.now() + sinceMs)
        const headers = signatureHeaders({ id, at, body }, keysOf(secrets))
        const receivers = libraries.flatMap((Library) => secrets.map((one) => receiverOf(Library, one)))
        for (const receiver of receivers) receiver.verify(body, headers)
        expect(headers['webhook-signature']).toBe(
          secrets.map((one) => receiverOf(StandardWebhook, one).sign(id, at, body)).join(' '),
        )
      },
    ),
    { numRuns: runs },
  )
})

test('no signature is good for another body, id, time or secret', () => {
  fc.assert(
    fc.property(message, secret, secret, ({ id, sinceMs, body }, ours, theirs) => {
      fc.pre(ours !== theirs)
      const headers = signatureHeaders({ id, at: new Date(Date.now() + sinceMs), body }, keysOf([ours]))
      const later = { 'webhook-timestamp': String(Number(headers['webhook-timestamp']) + 1) }
      for (const Library of libraries) {
        const receiver = receiverOf(Library, ours)
        expect(() => receiver.verify(`${body} `, headers)).toThrow('No matching signature')
        expect(() => receiver.verify(body, { ...headers, 'webhook-id': `${id}x` })).toThrow(
          'No matching signature',
        )
        expect(() => receiver.verify(body, { ...headers, ...later })).toThrow('No matching signature')
        expect(() => receiverOf(Library, theirs).verify(body, headers)).toThrow('No matching signature')
      }
    }),
    { numRuns: Math.ceil(runs / 10) },
  )
})

test('the time is in whole seconds, and libraries refuse it after five minutes', () => {
  const key = Buffer.alloc(32, 1)
  const sign = (at: Date) => signatureHeaders({ id: 'a', at, body: '{}' }, [key])
  expect(sign(new Date(1_767_225_600_999))['webhook-timestamp']).toBe('1767225600')
  for (const Library of libraries)
    for (const awayMs of [-310_000, 310_000])
      expect(() =>
        new Library(key, { format: 'raw' }).verify('{}', sign(new Date(Date.now() + awayMs))),
      ).toThrow(/too (old|new)/)
})
