import type { Session } from '@rtcstack/sdk'
import { Command, Option } from 'commander'
import { readCount } from './arguments.ts'
import type { Context } from './context.ts'
import { duration, table, withMore } from './table.ts'

interface ListOptions {
  room?: string
  status?: 'active' | 'ended'
  limit?: number
  cursor?: string
}

/** `rtcstack sessions list|get`. */
export function sessionCommands(context: Context): Command {
  const show = (sessions: Session[]) =>
    table(
      ['SESSION', 'ROOM', 'STATUS', 'STARTED', 'LASTED', 'PEOPLE', 'PEAK'],
      sessions.map(({ id, roomId, status, startedAt, durationSeconds, counts }) => [
        id,
        roomId,
        status,
        startedAt,
        duration(durationSeconds),
        String(counts.participants),
        String(counts.peak),
      ]),
      'There are no sessions.',
    )
  return new Command('sessions')
    .description('the lives of rooms, past and present')
    .addCommand(
      new Command('list')
        .description('list them, newest first')
        .option('--room <room>', 'of this room only')
        .addOption(new Option('--status <status>', 'of this status only').choices(['active', 'ended']))
        .option('--limit <number>', 'at most so many, up to 100; 50 unless given', readCount)
        .option('--cursor <cursor>', 'where the page before ended')
        .action(async ({ room, ...query }: ListOptions) => {
          const answer = await context
            .client()
            .sessions.list({ ...(room !== undefined && { roomId: room }), ...query })
          context.print(answer, () => withMore(show(answer.sessions), 'cursor', answer.nextCursor))
        }),
    )
    .addCommand(
      new Command('get')
        .description('show one, with everyone who was in it')
        .argument('<session>', 'RM_… sid of the room')
        .action(async (sessionId: string) => {
          const session = await context.client().sessions.get(sessionId)
          const rows = session.participants.map((one) => [
            one.identity,
            one.name,
            one.role ?? '-',
            one.joinedAt,
            one.leftAt === null ? 'here' : duration(one.durationSeconds),
            String(one.tracks),
          ])
          const people = table(
            ['IDENTITY', 'NAME', 'ROLE', 'JOINED', 'STAYED', 'TRACKS'],
            rows,
            'Nobody was in it.',
          )
          context.print(session, () => `${show([session])}\n\n${people}`)
        }),
    )
}
