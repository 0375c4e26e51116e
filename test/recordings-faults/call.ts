import { type Caller, eventually, joinCall, type RunningServer } from '@rtcstack/testkit'
import { clientOf } from '../product.ts'

/** A call of callers who come back by themselves, as a browser's would, until it is disposed of. */
export interface Call {
  /** Resolves when all of them are in the call now. */
  whole(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

const people = [
  { userId: 'ada', publish: { video: 'red', audio: 440 } },
  { userId: 'bob', publish: { video: 'blue' } },
] as const

/** Opens a room, and has two people talk in it; by way of the server, unless an address of LiveKit itself is given. */
export async function startCall(server: RunningServer, room: string, url?: string): Promise<Call> {
  const client = clientOf(server)
  await client.rooms.create({ name: room })
  const callers = new Map<string, Caller>()
  let isOver = false

  const join = async ({ userId, publish }: (typeof people)[number]): Promise<void> => {
    const token = await client.tokens.create({ roomId: room, userId, name: userId, role: 'host' })
    const caller = await joinCall({ ...token, ...(url && { url }), publish, autoSubscribe: false })
    if (isOver) return void (await caller.leave())
    callers.set(userId, caller)
    caller.onDisconnected(() => {
      callers.delete(userId)
      void caller.leave()
      if (!isOver) void comeBack(userId)
    })
  }
  const comeBack = async (userId: string) => {
    const person = people.find((one) => one.userId === userId)
    if (!person) return
    const back = async () => (isOver ? undefined : join(person))
    await eventually(back, { timeoutMs: 120_000, intervalMs: 200 }).catch(() => undefined)
  }
  for (const person of people) await join(person)

  return {
    whole: () =>
      eventually(() => callers.size === people.length, { timeoutMs: 60_000 }).then(() => undefined),
    [Symbol.asyncDispose]: async () => {
      isOver = true
      await Promise.all([...callers.values()].map((caller) => caller.leave()))
    },
  }
}
