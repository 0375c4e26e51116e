import { createHmac } from 'node:crypto'
import { type EventType, signWebhook } from '@rtcstack/sdk'
import { Command } from 'commander'
import { readCursor, readTypes, readUrl } from '../arguments.ts'
import type { Context } from '../context.ts'
import { describeError } from '../errors.ts'
import { lineOf } from '../event-text.ts'
import { createForwarder } from './forward.ts'

interface ListenOptions {
  forward?: string
  room?: string
  types?: EventType[]
  after?: string
  secret?: string
}

/** `rtcstack listen`: prints events as they happen, and forwards them to an application on this machine. */
export function listenCommand(context: Context): Command {
  return new Command('listen')
    .description('print events as they happen, and forward them to your application')
    .option('--forward <url>', 'post each to this address, signed as webhooks are', readUrl)
    .option('--room <room>', 'of this room only')
    .option('--types <types>', 'of these types only, separated by commas', readTypes)
    .option(
      '--after <cursor>',
      'begin after this place in the ledger, 0 for all; now unless given',
      readCursor,
    )
    .option('--secret <secret>', 'sign with this; one that is always the same for this server unless given')
    .action((options: ListenOptions) => listen(context, options))
}

async function listen(context: Context, { forward, secret = ownSecret(context), ...options }: ListenOptions) {
  // Refuses a bad secret before anything is said.
  await signWebhook({ id: 'none', timestamp: new Date(), body: '', secret })
  const signal = context.untilInterrupted()
  const target = forward === undefined ? undefined : { url: forward, secret }
  const told = { onDone: context.line, onFailure: context.note }
  const post = target && createForwarder({ ...target, ...told, fetch: context.fetch, signal })
  const { room, ...filter } = options
  const stream = context.client().events.stream({
    ...filter,
    ...(room !== undefined && { roomId: room }),
    signal,
    ...tellOfConnection(context, target),
  })
  for await (const { event, body } of stream) {
    context.item(body, () => lineOf(event))
    await post?.({ event, body })
  }
}

/** Says where it listens and how to check what it forwards; then each loss of the server once, and its return. */
function tellOfConnection({ note, url }: Context, target: { url: string; secret: string } | undefined) {
  const forwarding = target && `\nForwarding to ${target.url}, signed with the secret ${target.secret}`
  let state: 'new' | 'connected' | 'lost' = 'new'
  return {
    onConnect: () => {
      if (state === 'new') note(`Listening to ${url}; Ctrl-C ends it.${forwarding ?? ''}`)
      if (state === 'lost') note('The server is back: nothing was missed.')
      state = 'connected'
    },
    onLost: (reason: unknown) => {
      // At first it is more likely the address that is wrong than the server that is away.
      if (state === 'new') throw reason
      if (state === 'connected') note(`The server is lost, trying again: ${describeError(reason)}`)
      state = 'lost'
    },
  }
}

/** Made of the server's key, so that an application need not be told another one each time. */
const ownSecret = ({ apiKey }: Context) =>
  `whsec_${createHmac('sha256', apiKey).update('rtcstack listen').digest('base64')}`
