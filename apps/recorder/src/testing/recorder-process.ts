import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { eventually } from '@rtcstack/testkit'
import type { RecorderEvent, RecorderMessage } from '../messages.ts'

/** A recorder as the server has one: a child that is told and says things over IPC. */
export interface RecorderProcess {
  readonly child: ChildProcess
  readonly said: RecorderEvent[]
  tell(message: RecorderMessage): void
  /** The first event of a type; waits for it. */
  says<T extends RecorderEvent['type']>(type: T): Promise<Extract<RecorderEvent, { type: T }>>
  /** Resolves to its exit code, or the signal that killed it. */
  readonly exited: Promise<number | string>
  [Symbol.asyncDispose](): Promise<void>
}

/** `mostKiB`: no file can become larger, as on a disk that fails. */
export function forkRecorder({ mostKiB }: { mostKiB?: number } = {}): RecorderProcess {
  // Ignored, the signal for a file that is too large makes way for an error of the write.
  const limited = ['-c', `trap "" XFSZ; ulimit -f ${2 * (mostKiB ?? 0)}; exec "$0" "$@"`, process.execPath]
  const child = fork(join(import.meta.dirname, '..', 'main.ts'), {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    ...(mostKiB ? { execPath: '/bin/sh', execArgv: limited } : {}),
  })
  const said: RecorderEvent[] = []
  child.on('message', (event) => said.push(event as RecorderEvent))
  const exited = once(child, 'exit').then(([code, signal]) => (code ?? signal) as number | string)
  return {
    child,
    said,
    tell: (message) => void child.send(message),
    says: (type) =>
      eventually(
        () =>
          (said.find((event) => event.type === type) as Extract<RecorderEvent, { type: typeof type }>) ??
          false,
        { message: `the recorder to say ${type}`, timeoutMs: 15_000 },
      ),
    exited,
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL')
      await exited
    },
  }
}
