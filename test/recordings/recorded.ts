import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Client, RecordingDetail } from '@rtcstack/sdk'
import { eventually } from '@rtcstack/testkit'

/** Resolves when a recording has gone on for so long. */
export const untilRecorded = (client: Client, id: string, durationMs: number) =>
  eventually(async () => Number((await client.recordings.get(id)).durationMs) >= durationMs, {
    timeoutMs: durationMs + 15_000,
    intervalMs: 100,
    message: `${durationMs} ms of a recording`,
  })

/** The recording when it is ready or has failed. */
export const whenFinished = (client: Client, id: string, timeoutMs = 60_000): Promise<RecordingDetail> =>
  eventually(
    async () => {
      const found = await client.recordings.get(id)
      if (found.status !== 'ready' && found.status !== 'failed') throw new Error(`it is ${found.status}`)
      return found
    },
    { timeoutMs, intervalMs: 100, message: 'the file of a recording' },
  )

/** Files of recordings, downloaded by links; disposing of it removes them. */
export interface Downloads {
  /** The MP4, or what has the key: the path that it was saved at. */
  save(client: Client, id: string, key?: string): Promise<string>
  [Symbol.asyncDispose](): Promise<void>
}

export async function openDownloads(): Promise<Downloads> {
  const folder = await mkdtemp(join(tmpdir(), 'rtcstack-downloads-'))
  let count = 0
  return {
    save: async (client, id, key) => {
      const { url } = await client.recordings.link(id, key === undefined ? {} : { key })
      const answer = await fetch(url)
      if (!answer.ok) throw new Error(`a link was answered with ${answer.status}`)
      const path = join(folder, `${count++}-${new URL(url).pathname.split('/').at(-1)}`)
      await writeFile(path, answer.body ?? '')
      return path
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  }
}
