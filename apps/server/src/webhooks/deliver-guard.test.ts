import { eventually, startReceiver } from '@rtcstack/testkit'
import { pino } from 'pino'
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest'
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
const blocked = { delivered: false, error: 'blocked' }
const urlOf = ({ host }: HostileAddress) => `http://${host}/hook`

const answers: Record<string, string[]> = { 'good.example': [publicAddress] }
for (const { host, answer = [] } of hostileNames) answers[new URL(`http://${host}`).hostname] = answer

const db = useDatabase()
let watch: ReturnType<typeof watchConnections>
beforeEach(() => {
  watch = watchConnections()
})
afterEach(() => watch[Symbol.dispose]())

/** Where anyone tried to connect to, but for the tests' own database. */
const attempts = () =>
  watch.attempts.filter(({ port }) => port !== Number(new URL(db.url).port)).map(({ address }) => address)

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
    for (const { id } of await store.list()) await store.remove(db.database, id)
  })
  const insert = (id: string, url: string) =>
    store.insert({ id, url, events: ['*'], sealedSecret: sealing.seal(id, makeSecret()) })
  const attemptsOf = async (id: string) => {
    const [newest] = await log.list(id, {}, 1)
    return { place: newest?.position ?? '', attempts: newest?.delivery.attempts ?? [] }
  }
  return {
    service: createWebhookService({ store, ledger, sealing, outbound, deliver }),
    log,
    insert,
    attemptsOf,
    /** Resolves to what came of the latest event at each of these, when each was tried so often. */
    outcomes: async (ids: string[], tries: number) => {
      dispatcher.wakeAll()
      return eventually(async () => {
        const found = await Promise.all(ids.map(attemptsOf))
        return (
          found.every((one) => one.attempts.length === tries) &&
          found.map((one) => one.attempts.at(-1)?.error ?? 'delivered')
        )
      })
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
  expect(await outcomes([id], 1)).toEqual(['blocked'])
  expect(attempts()).toEqual([])
})

test('no event is delivered to any of them: not at first, not again, not in a replay', async () => {
  const { insert, happen, outcomes, attemptsOf, log } = createProduct([])
  const ids = everyAddress.map((_address, index) => `wh_bad${index}`)
  for (const [index, address] of everyAddress.entries()) await insert(ids[index] ?? '', urlOf(address))
  await happen('RM_bad')
  const refused = ids.map(() => 'blocked')
  expect(await outcomes(ids, 1)).toEqual(refused)
  for (const id of ids) await log.again({ webhookId: id, position: (await attemptsOf(id)).place })
  expect(await outcomes(ids, 2)).toEqual(refused)
  for (const id of ids) await log.replay(id, new Date(0), new Date(), ['*'])
  expect(await outcomes(ids, 3)).toEqual(refused)
  expect(attempts()).toEqual([])
})

test('where the network is allowed all of these connect, and the watch sees each', async () => {
  await using receiver = await startReceiver()
  const { service, happen, outcomes, attemptsOf, log } = createProduct(['127.0.0.0/8'])
  const { id } = await service.create({ url: receiver.url })
  expect(await service.test(id)).toEqual({ delivered: true, statusCode: 204 })
  await happen('RM_open')
  expect(await outcomes([id], 1)).toEqual(['delivered'])
  await log.again({ webhookId: id, position: (await attemptsOf(id)).place })
  expect(await outcomes([id], 2)).toEqual(['delivered'])
  await log.replay(id, new Date(0), new Date(), ['room_created'])
  expect(await outcomes([id], 3)).toEqual(['delivered'])
  expect(receiver.received.length).toBeGreaterThanOrEqual(4)
  expect(new Set(attempts())).toEqual(new Set(['127.0.0.1']))
})
