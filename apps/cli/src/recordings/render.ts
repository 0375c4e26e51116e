import { type RenderLayout, renderLayouts } from '@rtcstack/sdk'
import { Command, Option } from 'commander'
import type { Context } from '../context.ts'
import { openerOf, save } from './files.ts'
import { placeText, readPlaceMs } from './time.ts'
import { tellProgress, untilRendered } from './wait.ts'

interface RenderOptions {
  from?: number
  to?: number
  layout?: RenderLayout
  output?: string
}

/** `rtcstack recordings render`: any stretch of a recording in any layout, beside its file. */
export const renderCommand = (context: Context) =>
  new Command('render')
    .description('render a stretch of one again, or in another layout; its file stays as it is')
    .argument('<recording>', 'EG_… id')
    .option('--from <time>', 'seconds, m:ss or h:mm:ss; the beginning unless given', readPlaceMs)
    .option('--to <time>', 'the end unless given', readPlaceMs)
    .addOption(new Option('--layout <layout>', 'that of the recording unless given').choices(renderLayouts))
    .option('--output <file>', 'download it there when it is made')
    .action((recordingId: string, options: RenderOptions) => render(context, recordingId, options))

async function render(context: Context, recordingId: string, options: RenderOptions): Promise<void> {
  const { from, to, layout, output } = options
  const client = context.client()
  const asked = await client.recordings.render(recordingId, {
    ...(from !== undefined && { fromMs: from }),
    ...(to !== undefined && { untilMs: to }),
    ...(layout && { layout }),
  })
  const { renderId, fromMs, untilMs } = asked
  context.note(`${renderId}: ${placeText(fromMs)} to ${placeText(untilMs)} as ${asked.layout}`)
  const made = await untilRendered(client, asked, { onProgress: tellProgress(context, 'rendering') })
  if (made.status === 'failed')
    throw new Error(`${renderId} could not be rendered: the server’s log says why.`)
  if (output !== undefined) return save(context, openerOf(context, recordingId, { render: renderId }), output)
  context.print(
    made,
    () => `${renderId} is ready, for a day: rtcstack recordings download ${recordingId} --render ${renderId}`,
  )
}
