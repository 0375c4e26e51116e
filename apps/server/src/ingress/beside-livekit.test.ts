import type { IngressInfo } from '@rtcstack/contract'
import { pino } from 'pino'
import { expect, test } from 'vitest'
import type { Config } from '../config.ts'
import { problems } from '../http/problem.ts'
import { createIngressBesideLiveKit } from './beside-livekit.ts'
import { ingressInfoOf } from './info.ts'
import type { IngressRow } from './row.ts'
import { ingressRowOf } from './testing.ts'

const rowOf = (id: string, rest: Partial<IngressRow> = {}) =>
  ingressRowOf({ id, type: 'rtmp', inLiveKit: true, ...rest })
const infoOf = (id: string, url = 'rtmp://ingress.example.com/x'): IngressInfo =>
  ingressInfoOf(rowOf(id), { url, streamKey: `key of ${id}` })
const publishing = (id: string): IngressInfo => {
  const info = infoOf(id)
  return {
    ...info,
    state: { ...info.state, status: 'ENDPOINT_PUBLISHING', resourceId: 'LiveKit’s', endedAt: '0' },
  }
}

interface Given {
  intake?: Config['INGRESS']
  /** What LiveKit makes next, and what it has. */
  made?: IngressInfo
  inLiveKit?: IngressInfo[]
  rows?: IngressRow[]
  keep?: () => Promise<IngressRow>
}

/** The service over a LiveKit and rows of a test's own, and what it had both do. */
function serviceOf(given: Given = {}) {
  const done: string[] = []
  const note = async (what: string) => void done.push(what)
  const { intake = 'livekit', made = infoOf('IN_1'), inLiveKit = [], rows = [] } = given
  const service = createIngressBesideLiveKit({
    ours: {
      create: async () => infoOf('IN_ours'),
      list: async () => [infoOf('IN_ours')],
      remove: async (_room, id) => {
        await note(`mark and cut ${id}`)
        return rowOf(id, { inLiveKit: id !== 'IN_ours' })
      },
    },
    intake,
    engine: {
      create: async () => made,
      list: async () => {
        await note('list')
        return inLiveKit
      },
      delete: (id) => note(`delete ${id}`),
    },
    store: { list: async () => rows },
    keep: async ({ id, streamKey, inLiveKit }) => {
      await note(`keep ${id}, ${streamKey}, ${inLiveKit}`)
      return given.keep ? given.keep() : rowOf(id)
    },
    removal: { remove: (id) => note(`remove ${id}`) },
    log: pino({ level: 'silent' }),
  })
  return { service, done }
}

test('an endpoint is made by LiveKit, and kept with its id and its key', async () => {
  const { service, done } = serviceOf()
  expect(await service.create('stage', {}, 'http://127.0.0.1')).toEqual(infoOf('IN_1'))
  expect(done).toEqual(['keep IN_1, key of IN_1, true'])
})

test('an endpoint beyond a limit leaves nothing in LiveKit', async () => {
  const { service, done } = serviceOf({ keep: () => Promise.reject(problems.conflict('as many')) })
  await expect(service.create('stage', {}, 'http://127.0.0.1')).rejects.toMatchObject({ slug: 'conflict' })
  expect(done.at(-1)).toBe('delete IN_1')
})

test.each(['rtmp', 'whip'])('a LiveKit without an address for %s is told how to have one', async (type) => {
  const { service, done } = serviceOf({ made: infoOf('IN_1', '') })
  await expect(service.create('stage', { type }, 'http://127.0.0.1')).rejects.toMatchObject({
    slug: 'ingress-unavailable',
    message: expect.stringContaining(`ingress.${type}_base_url`),
  })
  expect(done).toEqual(['delete IN_1'])
})

test('with INGRESS=built-in LiveKit makes none, and what it has is listed and deleted all the same', async () => {
  const { service, done } = serviceOf({
    intake: 'built-in',
    rows: [rowOf('IN_1')],
    inLiveKit: [infoOf('IN_1')],
  })
  expect((await service.create('stage', {}, 'http://127.0.0.1')).ingressId).toBe('IN_ours')
  expect((await service.list('stage', 'http://127.0.0.1')).map(({ ingressId }) => ingressId)).toEqual([
    'IN_1',
    'IN_ours',
  ])
  await service.remove('stage', 'IN_1')
  expect(done).toEqual(['list', 'mark and cut IN_1', 'remove IN_1'])
})

test('LiveKit is not asked where it has nothing', async () => {
  const { service, done } = serviceOf()
  await service.list('stage', 'http://127.0.0.1')
  await service.remove('stage', 'IN_ours')
  expect(done).toEqual(['mark and cut IN_ours'])
})

test('the state of an endpoint is LiveKit’s, and its participant and room are those that were followed', async () => {
  const row = rowOf('IN_1', { participantSid: 'PA_1', roomSid: 'RM_1', startedAt: new Date() })
  const { service } = serviceOf({ rows: [row], inLiveKit: [publishing('IN_1'), infoOf('IN_of_others')] })
  const [first, ...others] = await service.list('stage', 'http://127.0.0.1')
  expect(first).toMatchObject({
    streamKey: 'key of IN_1',
    state: { status: 'ENDPOINT_PUBLISHING', resourceId: 'PA_1', roomId: 'RM_1' },
  })
  expect(others.map(({ ingressId }) => ingressId)).toEqual(['IN_ours'])
})

test('a stream whose participant has left is not published, whatever an Ingress service said before it died', async () => {
  const endedAt = new Date('2026-01-01T12:00:10.000Z')
  const row = rowOf('IN_1', { participantSid: 'PA_1', roomSid: 'RM_1', startedAt: new Date(), endedAt })
  const { service } = serviceOf({ rows: [row], inLiveKit: [publishing('IN_1')] })
  const [first] = await service.list('stage', 'http://127.0.0.1')
  expect(first?.state).toMatchObject({ status: 'ENDPOINT_INACTIVE', endedAt: `${endedAt.getTime()}000000` })
})

test('an endpoint that LiveKit has lost is shown with that, so that it can be deleted', async () => {
  const { service } = serviceOf({ rows: [rowOf('IN_1')] })
  const [first] = await service.list('stage', 'http://127.0.0.1')
  expect(first).toMatchObject({
    ingressId: 'IN_1',
    state: { status: 'ENDPOINT_ERROR', error: expect.stringContaining('delete it') },
  })
})
