import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { eventually, type RunningServer } from '@rtcstack/testkit'

/** Process id of a program that the server runs, as soon as it runs and is not the one that was killed. */
export function childPid(
  server: RunningServer,
  name: 'livekit' | 'postgres',
  killed?: number,
): Promise<number> {
  return eventually(
    async () => {
      const pid = Number(await readFile(join(server.dataDirectory, name, `${name}.pid`), 'utf8'))
      return pid !== killed && (await server.childPids()).includes(pid) && pid
    },
    { message: `a running ${name}` },
  )
}
