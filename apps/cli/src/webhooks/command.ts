import type { Webhook } from '@rtcstack/sdk'
import { Command, Option } from 'commander'
import { readCount, readEvents, readUrl } from '../arguments.ts'
import type { Context } from '../context.ts'
import { table } from '../table.ts'
import { deliveryCommands } from './deliveries.ts'

interface CreateOptions {
  events?: string[]
  secret?: string
}

interface UpdateOptions {
  endpoint?: string
  events?: string[]
  status?: 'active' | 'disabled'
}

interface RotateOptions {
  overlap?: number
  secret?: string
}

/** `rtcstack webhooks …`: the endpoints, and what was delivered to them. */
export function webhookCommands(context: Context): Command {
  const webhooks = new Command('webhooks').description('endpoints that events are posted to')
  for (const command of [...readCommands(context), ...changeCommands(context), ...deliveryCommands(context)])
    webhooks.addCommand(command)
  return webhooks
}

function readCommands(context: Context): Command[] {
  return [
    new Command('list').description('list them').action(async () => {
      const answer = await context.client().webhooks.list()
      context.print(answer, () => show(answer.webhooks))
    }),
    new Command('get')
      .description('show one')
      .argument('<webhook>', 'wh_… id')
      .action(async (id: string) => {
        const webhook = await context.client().webhooks.get(id)
        context.print(webhook, () => show([webhook]))
      }),
  ]
}

function changeCommands(context: Context): Command[] {
  return [
    new Command('create')
      .description('register one; its secret is shown only now')
      .argument('<url>', 'where to post to', readUrl)
      .option('--events <types>', 'only these types, separated by commas', readEvents)
      .option('--secret <secret>', 'sign with this; one is made unless given')
      .action(async (url: string, options: CreateOptions) => {
        const webhook = await context.client().webhooks.create({ url, ...options })
        context.print(webhook, () => showSecret(webhook))
      }),
    new Command('update')
      .description('change one')
      .argument('<webhook>', 'wh_… id')
      .option('--endpoint <url>', 'where to post to', readUrl)
      .option('--events <types>', 'only these types, separated by commas; "*" for all', readEvents)
      .addOption(
        new Option('--status <status>', 'active again after it was disabled, or disabled').choices([
          'active',
          'disabled',
        ]),
      )
      .action(async (id: string, { endpoint, ...changes }: UpdateOptions) => {
        const webhook = await context
          .client()
          .webhooks.update(id, { ...(endpoint !== undefined && { url: endpoint }), ...changes })
        context.print(webhook, () => show([webhook]))
      }),
    new Command('rotate-secret')
      .description('make a new secret, which is shown only now; both sign until the overlap ends')
      .argument('<webhook>', 'wh_… id')
      .option(
        '--overlap <seconds>',
        'how long the old one goes on signing too; a day unless given',
        readCount,
      )
      .option('--secret <secret>', 'the new one; made unless given')
      .action(async (id: string, { overlap, ...secret }: RotateOptions) => {
        const webhook = await context
          .client()
          .webhooks.rotateSecret(id, { ...(overlap !== undefined && { overlapSeconds: overlap }), ...secret })
        context.print(webhook, () => showSecret(webhook))
      }),
    new Command('delete')
      .description('delete one, with the log of its deliveries')
      .argument('<webhook>', 'wh_… id')
      .action(async (id: string) => {
        await context.client().webhooks.delete(id)
        context.print({ deleted: id }, () => `${id} is deleted.`)
      }),
  ]
}

const show = (webhooks: Webhook[]) =>
  table(
    ['WEBHOOK', 'STATUS', 'EVENTS', 'URL'],
    webhooks.map(({ id, status, disabledReason, events, url }) => [
      id,
      disabledReason === null ? status : `${status}: ${disabledReason}`,
      events.join(','),
      url,
    ]),
    'There are no webhooks.',
  )

const showSecret = (webhook: Webhook) =>
  `${show([webhook])}\n\nIts secret, which is not shown again: ${webhook.secret}`
