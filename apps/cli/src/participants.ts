import { Command, InvalidArgumentError } from 'commander'
import type { Context } from './context.ts'
import { age, table } from './table.ts'

/** `rtcstack participants list|kick|mute`. */
export function participantCommands(context: Context): Command {
  return new Command('participants')
    .description('who is in a room')
    .addCommand(
      new Command('list')
        .description('list them')
        .argument('<room>')
        .action(async (room: string) => {
          const answer = await context.client().participants.list(room)
          const rows = answer.participants.map((one) => [
            one.identity,
            one.name,
            one.attributes['rtcstack.role'] ?? '-',
            age(Number(one.joinedAtMs)),
            one.tracks
              .map((track) => `${track.source.toLowerCase()}${track.muted ? ' (muted)' : ''} ${track.sid}`)
              .join(', ') || '-',
          ])
          context.print(answer, () =>
            table(['IDENTITY', 'NAME', 'ROLE', 'FOR', 'TRACKS'], rows, 'Nobody is in this room.'),
          )
        }),
    )
    .addCommand(
      new Command('kick')
        .description('remove one; the tokens it holds are void')
        .argument('<room>')
        .argument('<participant>', 'identity or PA_… sid')
        .option('--ban <seconds>', 'refuse new tokens for so long too; "forever" is allowed', readBan)
        .action(async (room: string, participant: string, { ban }: { ban?: number | 'forever' }) => {
          await context
            .client()
            .participants.remove(room, participant, ban === undefined ? {} : { banSeconds: ban })
          context.print({ removed: participant }, () => `${participant} is out.`)
        }),
    )
    .addCommand(
      new Command('mute')
        .description('mute a track for everyone')
        .argument('<room>')
        .argument('<participant>', 'identity or PA_… sid')
        .argument('<track>', 'TR_… sid')
        .action(async (room: string, participant: string, trackSid: string) => {
          await context.client().participants.mute(room, participant, { trackSid })
          context.print({ muted: trackSid }, () => `${trackSid} of ${participant} is muted.`)
        }),
    )
}

function readBan(text: string): number | 'forever' {
  if (text === 'forever') return text
  if (/^\d+$/.test(text)) return Number(text)
  throw new InvalidArgumentError('It must be a whole number of seconds, or "forever".')
}
