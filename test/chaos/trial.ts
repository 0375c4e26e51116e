import type { LedgerEvent } from '@rtcstack/sdk'
import { eventually, type RunningServer, startServer } from '@rtcstack/testkit'
import { clientOf } from '../product.ts'
import { type Account, accountOf, type Endpoint } from './account.ts'
import { startFailingReceiver } from './failing-receiver.ts'
import { type Load, startLoad } from './load.ts'
import { createRandom } from './random.ts'

/** A server under load whose events go to endpoints that fail, for a test to do harm to. */
export interface Trial {
  readonly server: RunningServer
  readonly load: Load
  /** A whole number from `least` to `most`, by the seed. */
  between(least: number, most: number): number
  /** Ends the load, waits until everything due was delivered or is not going to be, and prints the outcome in a line. */
  settle(harm: string): Promise<Account>
  [Symbol.asyncDispose](): Promise<void>
}

/** Repeats what chance decides here; when what happens remains the machine's own affair. */
const seed = Number(process.env.CHAOS_SEED ?? Date.now() % 1_000_000_000)

/** Short, so that a run ends; more of them than an endpoint that fails 17 % uses up. */
const retrySeconds = [0.2, 0.5, ...Array<number>(20).fill(1)]

/** Several leases of 30 s and deadlines of 15 s may follow each other, on few places for each endpoint. */
const drainLimitMs = 120_000

const filters = [['*'], ['*'], ['room_created', 'participant_joined', 'participant_left']]

/** Starts a server and three endpoints, one of which wants some types only, and the load. */
export async function startTrial(): Promise<Trial> {
  await using opened = new AsyncDisposableStack()
  const random = createRandom(seed)
  const server = opened.use(await startServer({ env: { WEBHOOK_RETRY_SECONDS: retrySeconds.join(',') } }))
  const client = clientOf(server)
  const endpoints: Endpoint[] = []
  for (const events of filters) {
    const receiver = opened.adopt(await startFailingReceiver(random), (one) => one.close())
    await client.webhooks.create({ url: receiver.url, secret: receiver.secret, events })
    endpoints.push(Object.assign(receiver, { events }))
  }
  const load = await startLoad(server)
  const resources = opened.move()

  const ledger: LedgerEvent[] = []
  let after = '0'
  async function readOn(): Promise<void> {
    const page = await client.events.list({ after, limit: 100 })
    ledger.push(...page.events)
    after = page.nextAfter
    if (page.nextCursor !== null) await readOn()
  }
  async function account(): Promise<Account> {
    await readOn()
    return accountOf({ acknowledged: load.acknowledged, ledger, endpoints })
  }

  return {
    server,
    load,
    between: (least, most) => least + Math.floor(random() * (most - least + 1)),
    settle: async (harm) => {
      await load.stop()
      const isDone = async () => (await account()).lost === 0
      await eventually(isDone, { timeoutMs: drainLimitMs, intervalMs: 500 }).catch(() => undefined)
      const outcome = await account()
      process.stdout.write(`chaos: ${lineOf(outcome, load.acknowledged.size, harm)}\n`)
      return outcome
    },
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  }
}

function lineOf({ wanted, lost, repeated, forged }: Account, acknowledged: number, harm: string): string {
  const percent = ((100 * repeated) / wanted).toFixed(1)
  return `${acknowledged} events acknowledged, ${harm}, ${wanted} deliveries wanted, ${lost} lost, ${percent} % duplicates, ${forged} bad signatures, CHAOS_SEED=${seed}`
}
