import type { Room } from '@rtcstack/sdk'
import { Command } from 'commander'
import { readCount } from './arguments.ts'
import type { Context } from './context.ts'
import { age, table } from './table.ts'

interface CreateOptions {
  maxParticipants?: number
  emptyTimeout?: number
  metadata?: string
}

/** `rtcstack rooms list|create|get|delete`. */
export function roomCommands(context: Context): Command {
  const show = (rooms: Room[]) =>
    table(
      ['ROOM', 'PEOPLE', 'LIMIT', 'AGE', 'SID'],
      rooms.map((room) => [
        room.name,
        String(room.numParticipants),
        room.maxParticipants === 0 ? '-' : String(room.maxParticipants),
        age(Number(room.creationTimeMs)),
        room.sid,
      ]),
      'There are no rooms.',
    )
  return new Command('rooms')
    .description('active rooms')
    .addCommand(
      new Command('list').description('list them').action(async () => {
        const answer = await context.client().rooms.list()
        context.print(answer, () => show(answer.rooms))
      }),
    )
    .addCommand(
      new Command('create')
        .description('create one')
        .argument('<room>')
        .option('--max-participants <number>', 'hard cap', readCount)
        .option('--empty-timeout <seconds>', 'close it when empty for so long', readCount)
        .option('--metadata <text>', 'text kept on it')
        .action(async (name: string, options: CreateOptions) => {
          const room = await context.client().rooms.create({ name, ...options })
          context.print(room, () => show([room]))
        }),
    )
    .addCommand(
      new Command('get')
        .description('show one')
        .argument('<room>')
        .action(async (name: string) => {
          const room = await context.client().rooms.get(name)
          context.print(room, () => show([room]))
        }),
    )
    .addCommand(
      new Command('delete')
        .description('end the call for everyone in it')
        .argument('<room>')
        .action(async (name: string) => {
          await context.client().rooms.delete(name)
          context.print({ deleted: name }, () => `${name} is closed.`)
        }),
    )
}
