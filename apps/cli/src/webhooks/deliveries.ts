import type { Delivery } from '@rtcstack/sdk'
import { Command, Option } from 'commander'
import { readCount, readEvents, readInstant } from '../arguments.ts'
import type { Context } from '../context.ts'
import { table, withMore } from '../table.ts'

interface ListOptions {
  status?: Delivery['status']
  since?: string
  limit?: number
  cursor?: string
}

interface ReplayOptions {
  since: string
  until?: string
  events?: string[]
}

/** `rtcstack webhooks test|deliveries|redeliver|replay`. */
export function deliveryCommands(context: Context): Command[] {
  return [
    new Command('test')
      .description('send it an event of type "test" now')
      .argument('<webhook>', 'wh_… id')
      .action(async (id: string) => {
        const result = await context.client().webhooks.test(id)
        const what = result.statusCode === undefined ? result.error : `it answered ${result.statusCode}`
        context.print(result, () => `${result.delivered ? 'Delivered' : 'Not delivered'}: ${what}.`)
        if (!result.delivered) context.fail()
      }),
    new Command('deliveries')
      .description('list what was posted to it, newest event first')
      .argument('<webhook>', 'wh_… id')
      .addOption(
        new Option('--status <status>', 'of this status only').choices(['pending', 'delivered', 'failed']),
      )
      .option('--since <time>', 'of events since then', readInstant)
      .option('--limit <number>', 'at most so many, up to 100; 50 unless given', readCount)
      .option('--cursor <cursor>', 'where the page before ended')
      .action(async (id: string, query: ListOptions) => {
        const answer = await context.client().webhooks.deliveries(id, query)
        context.print(answer, () => withMore(show(answer.deliveries), 'cursor', answer.nextCursor))
      }),
    new Command('redeliver')
      .description('post one once more, at once')
      .argument('<delivery>', 'dl_… id')
      .action(async (id: string) => {
        const delivery = await context.client().webhooks.redeliver(id)
        context.print(delivery, () => show([delivery]))
      }),
    new Command('replay')
      .description('post every event of a span of time once more')
      .argument('<webhook>', 'wh_… id')
      .requiredOption('--since <time>', 'from then on', readInstant)
      .option('--until <time>', 'before then; now unless given', readInstant)
      .option('--events <types>', 'only these types, separated by commas', readEvents)
      .action(async (id: string, span: ReplayOptions) => {
        const answer = await context.client().webhooks.replay(id, span)
        context.print(answer, () => `Queued: ${answer.queued}.`)
      }),
  ]
}

const show = (deliveries: Delivery[]) =>
  table(
    ['DELIVERY', 'EVENT', 'STATUS', 'TRIES', 'LAST', 'NEXT'],
    deliveries.map(({ id, eventId, status, attempts, nextAttemptAt }) => [
      id,
      eventId,
      status,
      String(attempts.length),
      outcomeOf(attempts.at(-1)),
      nextAttemptAt ?? '-',
    ]),
    'There are no deliveries.',
  )

/** What came of an attempt: the answer's status, or why there was none. */
const outcomeOf = (attempt: Delivery['attempts'][number] | undefined) =>
  attempt ? `${attempt.statusCode ?? attempt.error} (${attempt.durationMs} ms)` : '-'
