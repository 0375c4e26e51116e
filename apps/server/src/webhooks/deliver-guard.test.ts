import { eventually, startReceiver } from '@rtcstack/testkit'
import { pino } from 'pino'
import { afterAll, beforeEach, expect, onTestFinished, test } from 'vitest'
import { useDatabase } from '../database/testing.ts'
import { createLedger } from '../events/ledger.ts'
import { createOutbound } from '../outbound/outbound.ts'
import { fakeNames } from '../outbound/testing/fake-names.ts'
import {
  type HostileAddress,
  hostileLiterals,
  hostileNames,
  publicAddress,
} from '../outbound/testing/hostile-addresses.ts'
import { watchConnections } from '../outbound/testing/watch-connections.ts'
import { createSealing } from '../secrets/sealing.ts'
import { createDeliver } from './deliver.ts'
import { createDispatcher } from './dispatcher.ts'
import { createDeliveryLog } from './log-store.ts'
import { createQueueStore, queueDeliveries } from './queue-store.ts'
import { makeSecret } from './secret.ts'
import { createWebhookService } from './service.ts'
import { createWebhookStore } from './store.ts'

const everyAddress = [...hostileLiterals, ...hostileNames]
/** For a machine that is busy with other things. */
const patience = { timeoutMs: 20_000 }
const blocked = { delivered: false, error: 'blocked' }
const urlOf = ({ host }: HostileAddress) => `http://${host}/hook`

const answers: Record<string, string[]> = { 'good.example': [publicAddress] }
for (const { host, answer = [] } of hostileNames) answers[new URL(`http://${host}`).hostname] = answer

const db = useDatabase()
const watch = watchConnections()
beforeEach(() => {
  watch.attempts.length = 0
})
afterAll(watch[Symbol.dispose])

/** Where anyone tried to connect to, but for the tests' own database. */
const attempts = () =>
  watch.attempts.filter(({ port }) => port !== Number(new URL(db.url).port)).map(({ address }) => address)

const newestDeliveries = () =>
  db.database
    .selectFrom('deliveries')
    .distinctOn('webhook_id')
    .select(['webhook_id', 'position', 'attempts'])
    .orderBy('webhook_id')
    .orderBy('position', 'desc')
    .execute()

/**
 * The webhooks of the product, put together as it does it, with a table that may hold what was never accepted. They end
 * with the test.
 */
function createProduct(allowCidrs: string[]) {
  const sealing = createSealing(['a key of these tests'])
  const outbound = createOutbound({ allowCidrs, lookup: fakeNames(answers) })
  const ledger = createLedger(db.database, queueDeliveries)
  const store = createWebhookStore(db.database)
  const deliver = createDeliver(outbound, sealing, () => new Date())
  const dispatcher = createDispatcher({
    queue: createQueueStore(db.database, 'tests', 30),
    deliver,
    schedule: [86_400],
    random: Math.random,
    log: pino({ level: 'silent' }),
  })
  const log = createDeliveryLog(db.database)
  onTestFinished(async () => {
    await dispatcher.close()
    await outbound.close()
    for (const table of ['webhooks', 'deliveries'] as const) await db.database.deleteFrom(table).execute()
  })
  const insert = (id: string, url: string) =>
    store.insert({ id, url, events: ['*'], sealedSecret: sealing.seal(id, makeSecret()) })
  return {
    service: createWebhookService({ store, sealing, outbound, deliver }),
    insert,
    /** Resolves to what came of the newest event at each webhook, when it was tried so often. */
    outcomes: async (tries: number) => {
      dispatcher.wakeAll()
      return eventually(async () => {
        const found = await newestDeliveries()
        const outcomes = found.map(({ attempts }) => attempts.at(-1)?.error ?? 'delivered')
        return found.every(({ attempts }) => attempts.length === tries) && outcomes
      }, patience)
    },
    /** Makes it due again, by the list of deliveries. */
    again: async () => {
      for (const { webhook_id: webhookId, position } of await newestDeliveries())
        await log.again({ webhookId, position })
    },
    replay: async () => {
      for (const { id } of await store.list()) await log.replay(id, new Date(0), new Date(), ['room_created'])
    },
    happen: (id: string) =>
      ledger.write(({ append }) =>
        append([{ id: `room_created:${id}`, type: 'room_created', room: id, at: new Date(), data: {} }]),
      ),
  }
}

test.each(everyAddress)(
  'a webhook is neither made nor changed nor tried for $kind, $host',
  async (address) => {
    const { service, insert } = createProduct([])
    await insert('wh_good', 'http://good.example/hook')
    const url = urlOf(address)
    const refusal = /WEBHOOK_ALLOW_CIDRS|must not carry a user name/
    await expect(service.create({ url })).rejects.toThrow(refusal)
    await expect(service.update('wh_good', { url })).rejects.toThrow(refusal)
    expect(await service.list()).toMatchObject([{ id: 'wh_good', url: 'http://good.example/hook' }])
    await insert('wh_bad', url)
    expect(await service.test('wh_bad')).toEqual(blocked)
    expect(attempts()).toEqual([])
  },
)

test('a webhook that was made while its name was public is not tried after that is bound anew', async () => {
  const { service, happen, outcomes } = createProduct([])
  answers['flips.example'] = [publicAddress]
  const { id } = await service.create({ url: 'http://flips.example/' })
  answers['flips.example'] = ['169.254.169.254']
  expect(await service.test(id)).toEqual(blocked)
  await happen('RM_flips')
  expect(await outcomes(1)).toEqual(['blocked'])
  expect(attempts()).toEqual([])
})

test('no event is delivered to any of them: not at first, not again, not in a replay', async () => {
  const { insert, happen, outcomes, again, replay } = createProduct([])
  for (const [index, address] of everyAddress.entries()) await insert(`wh_${index}`, urlOf(address))
  const refused = everyAddress.map(() => 'blocked')
  await happen('RM_bad')
  expect(await outcomes(1)).toEqual(refused)
  await again()
  expect(await outcomes(2)).toEqual(refused)
  await replay()
  expect(await outcomes(3)).toEqual(refused)
  expect(attempts()).toEqual([])
}, 60_000)

test('where the network is allowed all of these connect, and the watch sees each', async () => {
  await using receiver = await startReceiver()
  const { service, happen, outcomes, again, replay } = createProduct(['127.0.0.0/8'])
  const { id } = await service.create({ url: receiver.url })
  expect(await service.test(id)).toEqual({ delivered: true, statusCode: 204 })
  await happen('RM_open')
  expect(await outcomes(1)).toEqual(['delivered'])
  await again()
  expect(await outcomes(2)).toEqual(['delivered'])
  await replay()
  expect(await outcomes(3)).toEqual(['delivered'])
  expect(receiver.received.length).toBeGreaterThanOrEqual(4)
  expect(new Set(attempts())).toEqual(new Set(['127.0.0.1']))
})
