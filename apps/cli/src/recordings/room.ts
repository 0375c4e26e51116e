import { ProblemError } from '@rtcstack/sdk'
import { Command } from 'commander'
import type { Context } from '../context.ts'
import { describeError } from '../errors.ts'
import { detailText } from './text.ts'
import { tellProgress, untilOver } from './wait.ts'

/** `rtcstack recordings start|stop|pause|resume|status`, which take a room. */
export function roomRecordingCommands(context: Context): Command[] {
  return [
    new Command('start')
      .description('record a room, or tell of the recording that runs')
      .argument('<room>')
      .action((room: string) => start(context, room)),
    new Command('stop')
      .description('stop the recording of a room; its file is finished afterwards')
      .argument('<room>')
      .option('--wait', 'until there is a file, or will be none')
      .action((room: string, { wait }: { wait?: true }) => stop(context, room, wait ?? false)),
    new Command('pause')
      .description('keep nothing until it is resumed')
      .argument('<room>')
      .action(async (room: string) => {
        const answer = await context.client().recordings.pause(room)
        context.print(answer, () => `${answer.egressId} is paused: nothing of ${room} is kept.`)
      }),
    new Command('resume')
      .description('record again')
      .argument('<room>')
      .action(async (room: string) => {
        const answer = await context.client().recordings.resume(room)
        context.print(answer, () => `${answer.egressId} records ${room} again.`)
      }),
    new Command('status')
      .description('tell whether a room is recorded now')
      .argument('<room>')
      .action(async (room: string) => {
        const answer = await context.client().recordings.status(room)
        const { isRecording, egressId, startedAt } = answer
        context.print(answer, () =>
          isRecording ? `${egressId} records ${room} since ${startedAt}.` : `${room} is not recorded.`,
        )
      }),
  ]
}

async function start(context: Context, room: string): Promise<void> {
  const answer = await context.client().recordings.start(room).catch(adviseOnRoom(room))
  const { egressId, status, startedAt } = answer
  const how = status === 'already_recording' ? 'already, since' : 'since'
  context.print(answer, () => `${egressId} records ${room} ${how} ${startedAt}.`)
}

const adviseOnRoom = (room: string) => (error: unknown) => {
  if (!(error instanceof ProblemError) || error.slug !== 'not-found') throw error
  const advice = `A room is there once somebody has joined it, or after: rtcstack rooms create ${room}`
  throw new Error(`${describeError(error)}\n${advice}`, { cause: error })
}

async function stop(context: Context, room: string, isWaiting: boolean): Promise<void> {
  const client = context.client()
  const stopped = await client.recordings.stop(room)
  const { egressId } = stopped
  if (!isWaiting)
    return context.print(
      stopped,
      () => `${egressId} is stopped. See what becomes of it: rtcstack recordings get ${egressId}`,
    )
  const recording = await untilOver(client, egressId, {
    onProgress: tellProgress(context, 'rendering'),
  })
  context.print(recording, () => detailText(recording))
  if (recording.status === 'failed') context.fail()
}
