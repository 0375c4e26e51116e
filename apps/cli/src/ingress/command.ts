import { type CreateIngressRequest, type IngressInfo, ingressTypes } from '@rtcstack/sdk'
import { Command, Option } from 'commander'
import type { Context } from '../context.ts'
import { table } from '../table.ts'
import { howToPublish } from './how-to-publish.ts'

interface CreateOptions {
  type: 'rtmp' | 'whip'
  name?: string
  identity?: string
}

/** `rtcstack ingress create|list|delete`. */
export function ingressCommands(context: Context): Command {
  return new Command('ingress')
    .description('endpoints that encoders and browsers publish to')
    .addCommand(
      new Command('create')
        .description('make one, and show what to paste where')
        .argument('<room>')
        .addOption(new Option('--type <type>', 'protocol').choices(ingressTypes).default('rtmp'))
        .option('--name <name>', 'what others see in the room')
        .option('--identity <identity>', 'of its participant; made unless given')
        .action(async (room: string, { type, name, identity }: CreateOptions) => {
          const request: CreateIngressRequest = {
            type,
            ...(name !== undefined && { participantName: name }),
            ...(identity !== undefined && { participantIdentity: identity }),
          }
          const endpoint = await context.client().ingress.create(room, request)
          context.print(endpoint, () => `${show([endpoint])}\n\n${howToPublish(endpoint)}`)
        }),
    )
    .addCommand(
      new Command('list')
        .description('list those of a room')
        .argument('<room>')
        .action(async (room: string) => {
          const answer = await context.client().ingress.list(room)
          context.print(answer, () => show(answer.ingress))
        }),
    )
    .addCommand(
      new Command('delete')
        .description('delete one, and cut off who publishes to it')
        .argument('<room>')
        .argument('<ingress>', 'IN_… id')
        .action(async (room: string, id: string) => {
          await context.client().ingress.delete(room, id)
          context.print({ deleted: id }, () => `${id} is deleted.`)
        }),
    )
}

/** Keys are shown with --json, and when an endpoint is made. */
const show = (endpoints: IngressInfo[]) =>
  table(
    ['INGRESS', 'TYPE', 'STATE', 'IDENTITY', 'NAME'],
    endpoints.map(({ ingressId, inputType, state, participantIdentity, participantName }) => [
      ingressId,
      inputType.replace('_INPUT', '').toLowerCase(),
      state.error || state.status.replace('ENDPOINT_', '').toLowerCase(),
      participantIdentity,
      participantName,
    ]),
    'There are no endpoints.',
  )
