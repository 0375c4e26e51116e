import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { eventually } from '@rtcstack/testkit'
import type { Admission, IntakeEvent, IntakeMessage } from '../messages.ts'

type Said<T extends IntakeEvent['type']> = Extract<IntakeEvent, { type: T }>

/** The process that takes RTMP as the server has it: a child that is told and says things over IPC. */
export interface IntakeProcess {
  readonly child: ChildProcess
  readonly port: number
  readonly tlsPort: number | undefined
  readonly said: IntakeEvent[]
  readonly wrote: () => string
  tell(message: IntakeMessage): void
  /** The event of a type with this place among them; waits for it. */
  says<T extends IntakeEvent['type']>(
    type: T,
    options?: { place?: number; timeoutMs?: number },
  ): Promise<Said<T>>
  readonly exited: Promise<number | string>
  [Symbol.asyncDispose](): Promise<void>
}

export interface IntakeOptions {
  admit(app: string, key: string): Promise<Admission> | Admission
  tls?: { certificate: string; privateKey: string }
  limits?: Extract<IntakeMessage, { type: 'listen' }>['limits']
}

export async function forkIntake({ admit, tls, limits }: IntakeOptions): Promise<IntakeProcess> {
  const child = fork(join(import.meta.dirname, '..', 'main.ts'), {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  let wrote = ''
  for (const output of [child.stdout, child.stderr]) output?.on('data', (bytes) => (wrote += bytes))
  const said: IntakeEvent[] = []
  const tell = (message: IntakeMessage) => void (child.connected && child.send(message))
  child.on('message', (sent) => {
    const event = sent as IntakeEvent
    said.push(event)
    if (event.type !== 'authorize') return
    void Promise.resolve(admit(event.app, event.key)).then((admission) =>
      tell({ type: 'authorized', id: event.id, ...admission }),
    )
  })
  const exited = once(child, 'exit').then(([code, signal]) => (code ?? signal) as number | string)
  const says: IntakeProcess['says'] = (type, { place = 0, timeoutMs = 15_000 } = {}) =>
    eventually(
      () => (said.filter((event) => event.type === type)[place] as Said<typeof type> | undefined) ?? false,
      { message: `the intake to say ${type}`, timeoutMs },
    )
  tell({
    type: 'listen',
    host: '127.0.0.1',
    port: 0,
    ...(tls && { tls: { port: 0, ...tls } }),
    ...(limits && { limits }),
  })
  const { port, tlsPort } = await says('listening')
  return {
    child,
    port,
    tlsPort,
    said,
    wrote: () => wrote,
    tell,
    says,
    exited,
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL')
      await exited
    },
  }
}
