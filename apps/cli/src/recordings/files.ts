import { basename } from 'node:path'
import { Command } from 'commander'
import { readCount } from '../arguments.ts'
import type { Context } from '../context.ts'
import { download, type OpenDownload } from './download.ts'
import { sizeText } from './text.ts'
import { tellProgress } from './wait.ts'

interface DownloadOptions {
  output?: string
  track?: string
  render?: string
}

interface LinkOptions {
  expiresIn?: number
  key?: string
}

/** `rtcstack recordings download|link`. */
export function fileCommands(context: Context): Command[] {
  return [
    new Command('download')
      .description('download the MP4, or another file of a recording; what broke off goes on')
      .argument('<recording>', 'EG_… id')
      .option('--output <file>', 'where to; here, under the name that it has in the store, unless given')
      .option('--track <key>', 'the file of a track, by its key')
      .option('--render <render>', 'what was rendered beside it, by its RN_… id')
      .action((recordingId: string, options: DownloadOptions) => fetchFile(context, recordingId, options)),
    new Command('link')
      .description('make a link that downloads the MP4 without a key')
      .argument('<recording>', 'EG_… id')
      .option('--expires-in <seconds>', 'until then it works; an hour unless given', readCount)
      .option('--key <key>', 'to the file of a track instead')
      .action(async (recordingId: string, options: LinkOptions) => {
        const answer = await context.client().recordings.link(recordingId, options)
        context.print(answer, () => answer.url)
        context.note(`It works until ${answer.expiresAt}, for whoever has it.`)
      }),
  ]
}

async function fetchFile(context: Context, recordingId: string, options: DownloadOptions): Promise<void> {
  const { track, render, output = await nameInStore(context, recordingId, options) } = options
  if (track !== undefined && render !== undefined)
    throw new Error('Give --track or --render: it is one file that is downloaded.')
  await save(context, openerOf(context, recordingId, { track, render }), output)
}

/** Downloads to a file, and says so. */
export async function save(context: Context, open: OpenDownload, output: string): Promise<void> {
  const sizeBytes = await download({ open, output, onProgress: tellProgress(context, 'downloading') })
  context.print({ output, sizeBytes }, () => `${output} is here: ${sizeText(sizeBytes)}.`)
}

/** Opens the MP4, a render, or by a link the file of a track. */
export function openerOf(
  context: Context,
  recordingId: string,
  { track, render }: { track?: string | undefined; render?: string | undefined },
): OpenDownload {
  const { recordings } = context.client()
  if (track !== undefined) return linkOpener(context, recordingId, track)
  return (from) => {
    const options = from && { range: { start: from.start }, headers: { 'if-range': from.etag } }
    return render === undefined
      ? recordings.file(recordingId, options)
      : recordings.getRenderFile(recordingId, render, options)
  }
}

const linkOpener =
  (context: Context, recordingId: string, key: string): OpenDownload =>
  async (from) => {
    const { url } = await context.client().recordings.link(recordingId, { key })
    const headers = from && { range: `bytes=${from.start}-`, 'if-range': from.etag }
    const answer = await context.fetch(url, { ...(headers && { headers }) })
    if (answer.ok) return answer
    await answer.body?.cancel()
    throw new Error(`The link was answered with ${answer.status}.`)
  }

async function nameInStore(
  context: Context,
  recordingId: string,
  { track, render }: DownloadOptions,
): Promise<string> {
  if (track !== undefined) return basename(track)
  if (render !== undefined) return `${render}.mp4`
  const { key } = await context.client().recordings.get(recordingId)
  return key === null ? `${recordingId}.mp4` : basename(key)
}
