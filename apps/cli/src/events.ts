import type { EventType } from '@rtcstack/sdk'
import { Command } from 'commander'
import { readCount, readCursor, readTypes } from './arguments.ts'
import type { Context } from './context.ts'
import { subjectOf } from './event-text.ts'
import { table, withMore } from './table.ts'

interface ListOptions {
  room?: string
  types?: EventType[]
  after?: string
  limit?: number
}

/** `rtcstack events list`. */
export function eventCommands(context: Context): Command {
  const list = new Command('list')
    .description('list them, oldest first')
    .option('--room <room>', 'of this room only')
    .option('--types <types>', 'of these types only, separated by commas', readTypes)
    .option('--after <cursor>', 'what came after this place in the ledger', readCursor)
    .option('--limit <number>', 'at most so many, up to 100; 50 unless given', readCount)
    .action(async ({ room, types, ...page }: ListOptions) => {
      const answer = await context.client().events.list({
        ...(room !== undefined && { roomId: room }),
        ...(types && { types: types.join(',') }),
        ...page,
      })
      const rows = answer.events.map((event) => [event.timestamp, event.type, event.roomId, subjectOf(event)])
      context.print(answer, () =>
        withMore(
          table(['TIME', 'TYPE', 'ROOM', 'SUBJECT'], rows, 'There are no events.'),
          'after',
          answer.nextCursor,
        ),
      )
    })
  return new Command('events').description('everything that happened').addCommand(list)
}
