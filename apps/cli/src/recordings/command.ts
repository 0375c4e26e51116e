import { type RecordingStatus, recordingStatuses } from '@rtcstack/sdk'
import { Command, Option } from 'commander'
import { readCount } from '../arguments.ts'
import type { Context } from '../context.ts'
import { withMore } from '../table.ts'
import { fileCommands } from './files.ts'
import { renderCommand } from './render.ts'
import { roomRecordingCommands } from './room.ts'
import { detailText, recordingsText } from './text.ts'

interface ListOptions {
  room?: string
  status?: RecordingStatus
  limit?: number
  cursor?: string
}

/** `rtcstack recordings …`: starting and stopping them, and what comes of them. */
export function recordingCommands(context: Context): Command {
  const recordings = new Command('recordings').description('recordings of rooms, and their files')
  for (const command of [
    ...roomRecordingCommands(context),
    ...readCommands(context),
    ...fileCommands(context),
    renderCommand(context),
    deleteCommand(context),
  ])
    recordings.addCommand(command)
  return recordings
}

function readCommands(context: Context): Command[] {
  return [
    new Command('list')
      .description('list them, newest first')
      .option('--room <room>', 'of this room only')
      .addOption(new Option('--status <status>', 'of this status only').choices(recordingStatuses))
      .option('--limit <number>', 'at most so many, up to 100; 50 unless given', readCount)
      .option('--cursor <cursor>', 'where the page before ended')
      .action(async ({ room, ...query }: ListOptions) => {
        const answer = await context
          .client()
          .recordings.list({ ...(room !== undefined && { roomId: room }), ...query })
        context.print(answer, () => withMore(recordingsText(answer.recordings), 'cursor', answer.nextCursor))
      }),
    new Command('get')
      .description('show one, with its parts and the tracks that are kept')
      .argument('<recording>', 'EG_… id')
      .action(async (recordingId: string) => {
        const recording = await context.client().recordings.get(recordingId)
        context.print(recording, () => detailText(recording))
      }),
  ]
}

const deleteCommand = (context: Context) =>
  new Command('delete')
    .description('delete one, with everything that was kept of it')
    .argument('<recording>', 'EG_… id')
    .action(async (recordingId: string) => {
      await context.client().recordings.delete(recordingId)
      context.print({ deleted: recordingId }, () => `${recordingId} is deleted.`)
    })
