import { Room } from '@livekit/rtc-node'
import { within } from '../within.ts'

const connectLimitMs = 10_000

export interface ConnectOptions {
  /** Where LiveKit's signalling is: ws, wss, http or https. */
  url: string
  token: string
  /** True unless told. */
  autoSubscribe?: boolean
}

/** Connects a new room within 10 s; the error of a refused token holds the HTTP status, such as "401 Unauthorized". */
export async function connectRoom({ url, token, autoSubscribe = true }: ConnectOptions): Promise<Room> {
  const room = new Room()
  const connecting = room.connect(url, token, { autoSubscribe, dynacast: false })
  try {
    await within(connectLimitMs, `connecting to ${url}`, () => connecting)
    return room
  } catch (error) {
    // It may still come through later, and nobody would hold it then.
    connecting.then(() => room.disconnect()).catch(() => undefined)
    throw new Error(withoutToken(error), { cause: error })
  }
}

/** Tries to connect and resolves to the error of the refusal; throws when the connection is accepted. */
export async function captureConnectError(options: ConnectOptions): Promise<Error> {
  let room: Room
  try {
    room = await connectRoom(options)
  } catch (error) {
    return error as Error
  }
  await room.disconnect()
  throw new Error('LiveKit accepted a connection that should have been refused')
}

// LiveKit repeats the token in its answer; a test's log is no place for one.
const withoutToken = (error: unknown) =>
  (error instanceof Error ? error.message : String(error)).replace(/eyJ[\w-]+\.[\w-]+\.[\w-]+/g, '<token>')
