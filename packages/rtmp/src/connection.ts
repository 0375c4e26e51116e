import { randomBytes } from 'node:crypto'
import type { Socket } from 'node:net'
import type { RtmpLimits } from './limits.ts'
import type { Authorize, Publication, PublicationEnd, PublicationListener } from './publication.ts'
import { createSession, type SessionEffect, type SessionEnd } from './session.ts'

export interface RtmpLog {
  debug(fields: object, message: string): void
  warn(fields: object, message: string): void
}

export interface Connection {
  readonly isPublishing: boolean
  end(reason: PublicationEnd, detail: string): void
}

interface ConnectionOptions {
  socket: Socket
  authorize: Authorize
  limits: RtmpLimits
  log: RtmpLog
}

/** Gives a session its socket, its clock and whoever answers for keys. What comes is held back while an answer is waited for. */
export function serveConnection({ socket, authorize, limits, log }: ConnectionOptions): Connection {
  const session = createSession(limits, randomBytes)
  const gone = new AbortController()
  let listener: PublicationListener | undefined
  let isPausedByUs = false
  let heardAt = performance.now()
  let isEnded = false
  let deadline = setTimeout(() => end('timed-out', 'no stream was published'), limits.handshakeMs)

  function end(reason: PublicationEnd | SessionEnd, detail: string): void {
    if (isEnded) return
    isEnded = true
    clearTimeout(deadline)
    gone.abort()
    // What the peer is told last is sent before the socket goes.
    socket.destroySoon()
    socket.resume()
    setTimeout(() => socket.destroy(), 1_000).unref()
    log.debug({ reason, detail }, 'an RTMP connection ended')
    listener?.ended(reason === 'refused' ? 'cut' : reason, detail)
  }

  function act(effects: SessionEffect[]): void {
    for (const effect of effects) {
      if (isEnded) return
      if (effect.type === 'send') send(effect.bytes)
      else if (effect.type === 'media') listener?.take(effect.event)
      else if (effect.type === 'end') end(effect.reason, effect.detail)
      else void ask(effect.app, effect.key)
    }
  }

  function send(bytes: Buffer): void {
    socket.write(bytes)
    if (socket.writableLength > limits.unreadBytes) end('protocol-error', 'it does not read our answers')
  }

  async function ask(app: string, key: string): Promise<void> {
    socket.pause()
    clearTimeout(deadline)
    deadline = setTimeout(() => answer({ allowed: false, reason: 'busy' }), limits.handshakeMs)
    const answer = (authorization: Awaited<ReturnType<Authorize>>) => {
      if (isEnded || !socket.isPaused() || listener) return
      clearTimeout(deadline)
      if (!authorization.allowed) return act(session.refuse(authorization.reason))
      listener = authorization.begin(publication)
      guarded(() => session.accept())
      if (!isPausedByUs) socket.resume()
    }
    await authorize({ app, key, signal: gone.signal }).then(answer, (error: Error) => {
      log.warn({ err: error.message }, 'a stream key could not be checked')
      answer({ allowed: false, reason: 'the key cannot be checked now, try again' })
    })
  }

  const publication: Publication = {
    get silentMs() {
      return isPausedByUs ? 0 : performance.now() - heardAt
    },
    pause() {
      isPausedByUs = true
      socket.pause()
    },
    resume() {
      if (!isPausedByUs) return
      isPausedByUs = false
      heardAt = performance.now()
      socket.resume()
    },
    cut: (description) => act(session.cut(description)),
  }

  /** A fault of ours costs one connection, not the process. */
  function guarded(effects: () => SessionEffect[]): void {
    try {
      act(effects())
    } catch (error) {
      log.warn({ err: (error as Error).stack }, 'an RTMP connection failed')
      end('protocol-error', 'a fault of the server')
    }
  }

  socket.setNoDelay(true)
  socket.setTimeout(limits.idleMs, () => {
    if (!isPausedByUs) end('timed-out', 'nothing came')
  })
  socket.on('data', (bytes) => {
    heardAt = performance.now()
    if (!isEnded) guarded(() => session.take(bytes))
  })
  socket.on('error', () => undefined)
  socket.on('close', () => end('disconnected', 'the connection is gone'))
  return {
    get isPublishing() {
      return listener !== undefined
    },
    end,
  }
}
