import { expect, test } from 'vitest'
import { createSealing } from '../../secrets/sealing.ts'
import { readResource, writeResource } from './resource.ts'

const sealing = createSealing(['a key of 32 characters, or of more'])
const resource = { ingressId: 'IN_1', participantSid: 'PA_1', epoch: '3', begunAtMs: 1_767_268_800_000 }

test('an address says what it was made of to whoever has the key, and to nobody else', () => {
  const text = writeResource(sealing, resource)
  expect(text).toMatch(/^[\w-]+$/)
  expect(readResource(sealing, text)).toEqual(resource)
  expect(readResource(createSealing(['another key of 32 characters or more']), text)).toBeUndefined()
  expect(Buffer.from(text, 'base64url').toString('latin1')).not.toContain('PA_1')
})

test.each(['', 'x', '../..', 'A'.repeat(200)])('%j is no address', (text) => {
  expect(readResource(sealing, text)).toBeUndefined()
})

test('what was sealed for something else is no address', () => {
  const text = sealing.seal('IN_1', JSON.stringify(resource)).toString('base64url')
  expect(readResource(sealing, text)).toBeUndefined()
})
