import { readdir, readFile, readlink } from 'node:fs/promises'
import type { RunningServer } from '@rtcstack/testkit'

const commandOf = (pid: number) =>
  readFile(`/proc/${pid}/cmdline`, 'utf8').then(
    (words) => words.split('\0'),
    () => [],
  )

const recorderFile = /apps\/recorder\/src\/main\.ts$/
const rendererFile = /apps\/renderer\/src\/main\.ts$/

async function childrenOf(server: RunningServer, isOne: (words: string[]) => boolean): Promise<number[]> {
  const found: number[] = []
  for (const pid of await server.childPids()) if (isOne(await commandOf(pid))) found.push(pid)
  return found
}

export const renderers = (server: RunningServer): Promise<number[]> =>
  childrenOf(server, (words) => words.some((word) => rendererFile.test(word)))

export const ffmpegs = (server: RunningServer): Promise<number[]> =>
  childrenOf(server, ([program = '']) => /(^|\/)ffmpeg$/.test(program))

export const recorders = (server: RunningServer): Promise<number[]> =>
  childrenOf(server, (words) => words.some((word) => recorderFile.test(word)))

/** The recorders that have a file of the recording open, of its tracks unless told: one at most, as an idle one has none. */
export async function recordersOf(
  server: RunningServer,
  recordingId: string,
  below = 'tracks/',
): Promise<number[]> {
  const found: number[] = []
  for (const pid of await recorders(server)) {
    const handles = await readdir(`/proc/${pid}/fd`).catch(() => [])
    const files = await Promise.all(handles.map((fd) => readlink(`/proc/${pid}/fd/${fd}`).catch(() => '')))
    if (files.some((file) => file.includes(`/recordings/${recordingId}/${below}`))) found.push(pid)
  }
  return found
}

/** Kills a server and all that it has started: the server first, so that it mends nothing. */
export async function killTree(server: RunningServer): Promise<void> {
  const pids = await server.childPids()
  await server.kill()
  for (const pid of new Set([...pids, ...(await server.childPids())])) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // It has ended by itself.
    }
  }
}
