import { DisconnectReason, LeaveRequest, LeaveRequest_Action, type SignalRequest } from '@livekit/protocol'
import { type Departure, onRefusal, waitBeforeMs } from './departure.ts'
import { openSignalling, type SignalConnection, type SignalMessage } from './signalling.ts'

export interface LastingListener {
  message(message: SignalMessage): void
  /** LiveKit tells nothing any more; it is being asked to go on. A `reconnect` message says that it does. */
  interrupted(reason: string): void
  /** Once, and nothing after it. */
  ended(departure: Departure): void
}

/** Signalling of one stay in a room, over as many connections as it takes. */
export interface LastingSignalling {
  /** Lost while there is no connection. */
  send(message: SignalRequest['message']): void
  /** Leaves the room; the listener hears no more. */
  leave(): void
}

/** After that, LiveKit has forgotten who has neither signalling nor media; who has media comes in anew just as well. */
const resumeLimitMs = 20_000

export function openLastingSignalling(options: {
  url: string
  /** Asked at each connection; when it rejects, that is the end. */
  token: () => Promise<string>
  listener: LastingListener
}): LastingSignalling {
  const { url, token, listener } = options
  let connection: SignalConnection | undefined
  let participantSid: string | undefined
  let waiting: NodeJS.Timeout | undefined
  let lostAtMs: number | undefined
  let failures = 0
  let isOver = false

  const end = (departure: Departure) => {
    if (isOver) return
    isOver = true
    connection?.close()
    listener.ended(departure)
  }
  const receive = (message: SignalMessage) => {
    if (message.case === 'join') participantSid = message.value.participant?.sid
    if (message.case === 'reconnect') {
      lostAtMs = undefined
      failures = 0
    }
    listener.message(message)
  }
  const lose = (reason: string, refusedStatus: number | undefined) => {
    if (participantSid === undefined) return end(onRefusal(reason, refusedStatus))
    const now = performance.now()
    if (refusedStatus !== undefined || now - (lostAtMs ?? now) > resumeLimitMs)
      return end({ next: 'rejoin', detail: reason })
    if (lostAtMs === undefined) listener.interrupted(reason)
    lostAtMs ??= now
    waiting = setTimeout(connect, waitBeforeMs(failures++))
  }
  const connect = async () => {
    try {
      const freshToken = await token()
      if (isOver) return
      const resume = participantSid
      connection = openSignalling({
        url,
        token: freshToken,
        resume,
        listener: { message: receive, closed: lose },
      })
    } catch (error) {
      end({ next: 'end', reason: 'failed', detail: (error as Error).message })
    }
  }
  void connect()

  return {
    send: (message) => connection?.send(message),
    leave: () => {
      isOver = true
      clearTimeout(waiting)
      const leaving = {
        reason: DisconnectReason.CLIENT_INITIATED,
        action: LeaveRequest_Action.DISCONNECT,
      }
      connection?.send({ case: 'leave', value: new LeaveRequest(leaving) })
      connection?.close()
    },
  }
}
