import { expect, test } from 'vitest'
import { createSealing } from '../secrets/sealing.ts'
import { createIngressKeeping } from './keeping.ts'
import { createIngressService } from './service.ts'
import type { NewIngress } from './store.ts'
import { digestOf } from './stream-key.ts'
import { ingressRowOf } from './testing.ts'

const sealing = createSealing(['a key of 32 characters, or of more'])

/** A service over a store that keeps what it is given. */
function serviceOf({ hasRtmp = true } = {}) {
  const kept: NewIngress[] = []
  const insert = async (ingress: NewIngress) => {
    kept.push(ingress)
    return ingressRowOf(ingress)
  }
  const service = createIngressService({
    store: {
      list: async () => kept.map(ingressRowOf),
      markDeleted: async () => undefined,
      hasRtmp: async () => hasRtmp,
    },
    keep: createIngressKeeping({ store: { insert }, sealing, limits: { total: 10, perRoom: 10 } }),
    sealing,
    cutting: { cut: async () => [] },
    livekit: { listRooms: async () => [] },
    sessions: { observe: async () => undefined },
    rtmpPort: 1935,
  })
  return { service, kept }
}

test('an endpoint of RTMP is at the host that the caller reached, at the port of RTMP', async () => {
  const { service } = serviceOf()
  const { url, inputType } = await service.create('stage', {}, 'https://calls.example.com:8443')
  expect([url, inputType]).toEqual(['rtmp://calls.example.com:1935/live', 'RTMP_INPUT'])
})

test('what is left out is chosen: a name, and an identity that no other has', async () => {
  const { service } = serviceOf()
  const [first, second] = [
    await service.create('stage', { type: 'whip' }, 'http://127.0.0.1'),
    await service.create('stage', { type: 'whip' }, 'http://127.0.0.1'),
  ]
  expect(first.participantName).toBe('Ingress Stream')
  expect(first.participantIdentity).toMatch(/^ingress-[0-9a-f]{12}$/)
  expect(second.participantIdentity).not.toBe(first.participantIdentity)
})

test('a key has 128 bits, is the same whenever it is shown, and is kept sealed and as a digest only', async () => {
  const { service, kept } = serviceOf()
  const { streamKey } = await service.create('stage', { type: 'whip' }, 'http://127.0.0.1')
  expect(Buffer.from(streamKey, 'base64url')).toHaveLength(16)
  expect((await service.list('stage', 'http://127.0.0.1'))[0]?.streamKey).toBe(streamKey)
  expect(kept[0]?.keyDigest).toEqual(digestOf(streamKey))
  expect(kept[0]?.sealedKey.toString('latin1')).not.toContain(streamKey)
})

test('RTMP is refused where no server takes it, and nothing is kept', async () => {
  const { service, kept } = serviceOf({ hasRtmp: false })
  await expect(service.create('stage', {}, 'http://127.0.0.1')).rejects.toMatchObject({
    slug: 'ingress-unavailable',
  })
  expect(kept).toEqual([])
})
