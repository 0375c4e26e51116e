import fc from 'fast-check'
import { expect, test } from 'vitest'
import { uniqueName, useServer } from '../product.ts'
import { type Case, cases } from './cases.ts'
import { toWire } from './drafts.ts'
import { createExchange, type Exchange, reproduction } from './exchange.ts'
import { faultOf } from './verdict.ts'

const requests = Number(process.env.FUZZ_REQUESTS ?? 5000)
const seed = Number(process.env.FUZZ_SEED ?? Date.now() % 1_000_000_000)
const parallel = 16
const chunk = 500

const product = useServer()

test(`no request of ${requests} made from openapi.json gets a wrong answer`, {
  timeout: 3_600_000,
}, async () => {
  const { exchange, close } = createExchange(product.server.url, { connections: parallel })
  const apiKey = product.server.apiSecret
  const counts: Record<string, number> = {}
  const judge = async (one: Case) => {
    const { answer, fault } = await send(one, exchange, apiKey)
    const statusClass = `${Math.floor(answer.status / 100)}xx`
    counts[statusClass] = (counts[statusClass] ?? 0) + 1
    if (fault !== undefined) throw new Error(describe(one, fault))
  }
  const property = fc.asyncProperty(cases(await aCursorEach()), judge)
  try {
    for (let at = 0; at < requests; at += chunk) await runChunk(property, judge, seed + at, at)
    expect((await fetch(`${product.server.url}/readyz`)).status).toBe(200)
  } finally {
    close()
    process.stdout.write(
      `fuzz: ${Object.values(counts).reduce((sum, count) => sum + count, 0)} requests, ${JSON.stringify(counts)}, FUZZ_SEED=${seed}\n`,
    )
  }
})

/** Judges as many cases at once as there are connections; one that fails is made as small as it goes, alone. */
async function runChunk(
  property: fc.IAsyncPropertyWithHooks<[Case]>,
  judge: (one: Case) => Promise<void>,
  chunkSeed: number,
  done: number,
): Promise<void> {
  const numRuns = Math.min(chunk, requests - done)
  const waiting = fc.sample(property, { seed: chunkSeed, numRuns }).entries()
  const failed: { path: string; reason: unknown }[] = []
  const work = async () => {
    for (const [path, [one]] of waiting)
      await judge(one).catch((reason: unknown) => failed.push({ path: String(path), reason }))
  }
  await Promise.all(Array.from({ length: parallel }, work))
  for (const { path, reason } of failed) {
    const { errorInstance } = await fc.check(property, { seed: chunkSeed, path })
    throw errorInstance ?? reason
  }
}

/** Where what an operation makes is deleted again. */
const madeBy: Record<string, (made: Record<string, string>) => string> = {
  createRoom: ({ name = '' }) => `/v1/rooms/${encodeURIComponent(name)}`,
  createIngress: ({ ingressId = '', roomName = '' }) =>
    `/v1/rooms/${encodeURIComponent(roomName)}/ingress/${ingressId}`,
  createWebhook: ({ id = '' }) => `/v1/webhooks/${id}`,
}

async function send(one: Case, exchange: Exchange, apiKey: string) {
  const wire = toWire(one.draft)
  const answer = await exchange({ ...wire, headers: { 'x-api-key': apiKey, ...wire.headers } }).catch(
    (error) => {
      throw new Error(describe(one, 'no answer'), { cause: error })
    },
  )
  const fault = faultOf(one, answer)
  const made = answer.status === 201 ? madeBy[one.draft.operation.id] : undefined
  if (made)
    await exchange({
      method: 'DELETE',
      path: made(JSON.parse(answer.body)),
      headers: { 'x-api-key': apiKey },
    })
  return { answer, fault }
}

const describe = (one: Case, fault: string) =>
  `${fault}\n${one.fault === undefined ? 'a valid request' : `broken by: ${one.fault}`}\n${reproduction(toWire(one.draft))}\nFUZZ_SEED=${seed}`

/** Cursors that the server gave. */
async function aCursorEach(): Promise<Record<string, string>> {
  const rooms = [uniqueName('fuzz'), uniqueName('fuzz')]
  for (const name of rooms) {
    await product.client.rooms.create({ name, emptyTimeout: 60 })
    await product.client.recordings.start(name)
  }
  const recordings = await product.client.recordings.list({ limit: 1 })
  const names = await product.client.rooms.list({ limit: 1 })
  const sessions = await product.client.sessions.list({ limit: 1 })
  for (const name of rooms) await product.client.rooms.delete(name)
  const [byName, byTime, byMaking] = [names.nextCursor, sessions.nextCursor, recordings.nextCursor]
  if (byName === null || byTime === null || byMaking === null)
    throw new Error('a page of one of two has no next')
  return {
    listRooms: byName,
    listParticipants: byName,
    listIngress: byName,
    listWebhooks: byName,
    listSessions: byTime,
    listRecordings: byMaking,
    listDeliveries: byTime,
    listEvents: '0',
  }
}
