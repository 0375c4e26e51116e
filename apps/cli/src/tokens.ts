import type { TokenRequest } from '@rtcstack/sdk'
import { Command, InvalidArgumentError, Option } from 'commander'
import type { Context } from './context.ts'

interface TokenOptions {
  room: string
  user: string
  name?: string
  role: TokenRequest['role']
  metadata?: Record<string, unknown>
  ttl?: number
}

/** `rtcstack token create`. */
export function tokenCommands(context: Context): Command {
  const create = new Command('create')
    .description('issue a token for a participant')
    .requiredOption('--room <id>', 'room to join')
    .requiredOption('--user <id>', 'identity in the room')
    .option('--name <name>', 'name that others see; the identity unless given')
    .addOption(
      new Option('--role <role>', 'what it may do')
        .choices(['host', 'moderator', 'participant', 'viewer'])
        .default('participant'),
    )
    .option('--metadata <json>', 'JSON object that others see', readObject)
    .option('--ttl <seconds>', 'how long it is valid', readSeconds)
    .action(async ({ room, user, name, role, metadata, ttl }: TokenOptions) => {
      const token = await context.client().tokens.create({
        roomId: room,
        userId: user,
        name: name ?? user,
        role,
        ...(metadata && { metadata }),
        ...(ttl !== undefined && { ttl }),
      })
      context.print(
        token,
        () => `url      ${token.url}\nexpires  ${token.expiresAt}\ntoken    ${token.token}`,
      )
    })
  return new Command('token').description('tokens of participants').addCommand(create)
}

function readObject(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return value as Record<string, unknown>
  } catch {}
  throw new InvalidArgumentError('It must be a JSON object.')
}

function readSeconds(text: string): number {
  if (/^\d+$/.test(text)) return Number(text)
  throw new InvalidArgumentError('It must be a whole number of seconds.')
}
