import { eventually } from '@rtcstack/testkit'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { RtmpLimits } from './limits.ts'
import type { MediaEvent } from './media/event.ts'
import type { Authorize, Publication } from './publication.ts'
import { createRtmpServer } from './server.ts'
import {
  audioBody,
  audioConfigBody,
  commandBytes,
  mediaBytes,
  openingBytes,
} from './testing/publisher-bytes.ts'
import { connectRaw, type RawPublisher } from './testing/raw-publisher.ts'

interface Taken {
  events: MediaEvent[]
  ends: string[]
  publications: Publication[]
  logged: string[]
}

async function startServer({
  authorize,
  limits = {},
}: {
  authorize?: Authorize
  limits?: Partial<RtmpLimits>
} = {}) {
  const taken: Taken = { events: [], ends: [], publications: [], logged: [] }
  const log = (fields: object, message: string) =>
    void taken.logged.push(JSON.stringify({ ...fields, message }))
  const allow: Authorize = async () => ({
    allowed: true,
    begin: (publication) => {
      taken.publications.push(publication)
      return {
        take: (event) => void taken.events.push(event),
        ended: (reason) => void taken.ends.push(reason),
      }
    },
  })
  const decide: Authorize = async (request) => {
    const answer = (await authorize?.(request)) ?? (await allow(request))
    return answer.allowed ? allow(request) : answer
  }
  const server = createRtmpServer({ authorize: decide, limits, log: { debug: log, warn: log } })
  onTestFinished(() => server.close())
  const port = await server.listen({ port: 0, host: '127.0.0.1' })
  const connect = (): RawPublisher => {
    const publisher = connectRaw(port)
    onTestFinished(() => publisher[Symbol.dispose]())
    return publisher
  }
  return { server, connect, taken }
}

const mediaOf = (count: number) =>
  Buffer.concat([
    mediaBytes('audio', audioConfigBody),
    ...Array.from({ length: count }, (_, index) => mediaBytes('audio', audioBody, index * 21)),
  ])

test('a stream arrives whole, and its end is told', async () => {
  const { connect, taken } = await startServer()
  const publisher = connect()
  publisher.send(openingBytes())
  await publisher.told('NetStream.Publish.Start')
  publisher.send(Buffer.concat([mediaOf(50), commandBytes('deleteStream', 0, null, 1)]))
  await eventually(() => expect(taken.ends).toEqual(['unpublished']))
  expect(taken.events).toHaveLength(51)
  await eventually(() => expect(publisher.isClosed).toBe(true))
})

test('a publisher that is gone is told of', async () => {
  const { connect, taken } = await startServer()
  const publisher = connect()
  publisher.send(openingBytes())
  await publisher.told('NetStream.Publish.Start')
  publisher.socket.resetAndDestroy()
  await eventually(() => expect(taken.ends).toEqual(['disconnected']))
})

test('while a key is checked nothing more is read, and all of it after', async () => {
  const answering = Promise.withResolvers<void>()
  const { connect, taken } = await startServer({
    authorize: async () => {
      await answering.promise
      return { allowed: true, begin: () => ({ take: () => undefined, ended: () => undefined }) }
    },
  })
  const publisher = connect()
  const events = 400_000
  publisher.send(Buffer.concat([openingBytes(), mediaOf(events)]))
  // The kernel's buffers take some megabytes of it; the rest stays with the publisher.
  await eventually(() => expect(publisher.socket.bytesWritten).toBeGreaterThan(0))
  let unsent = Number.POSITIVE_INFINITY
  await eventually(
    () => {
      const before = unsent
      unsent = publisher.socket.writableLength
      return unsent === before
    },
    { intervalMs: 300 },
  )
  expect(unsent).toBeGreaterThan(0)
  expect(taken.events).toEqual([])
  answering.resolve()
  await eventually(() => expect(taken.events).toHaveLength(events + 1))
})

test('a paused publication is read no more until it is resumed', async () => {
  const { connect, taken } = await startServer()
  const publisher = connect()
  publisher.send(openingBytes())
  await publisher.told('NetStream.Publish.Start')
  taken.publications[0]?.pause()
  publisher.send(mediaOf(10))
  await eventually(() => expect(publisher.socket.writableLength).toBe(0))
  expect(taken.events).toEqual([])
  expect(taken.publications[0]?.silentMs).toBe(0)
  taken.publications[0]?.resume()
  await eventually(() => expect(taken.events).toHaveLength(11))
})

describe('refused', () => {
  test('a publisher is told why, and the key is in no log', async () => {
    const refused: Authorize = async () => ({ allowed: false, reason: 'invalid stream key' })
    const { connect, taken } = await startServer({ authorize: refused })
    const publisher = connect()
    publisher.send(openingBytes('a-secret-key', 'a-secret-key'))
    await publisher.told('NetStream.Publish.BadName: invalid stream key')
    await eventually(() => expect(publisher.isClosed).toBe(true))
    expect(taken.logged.join('\n')).not.toContain('a-secret-key')
  })

  test('a publisher may try again when its key cannot be checked', async () => {
    const { connect } = await startServer({ authorize: () => Promise.reject(new Error('no database')) })
    const publisher = connect()
    publisher.send(openingBytes())
    await publisher.told('try again')
  })

  test('a question without an answer ends by itself', async () => {
    const { connect } = await startServer({
      authorize: () => new Promise(() => undefined),
      limits: { handshakeMs: 200 },
    })
    const publisher = connect()
    publisher.send(openingBytes())
    await publisher.told('NetStream.Publish.BadName: busy')
  })
})

describe('limits', () => {
  test('end a handshake that is sent byte by byte', async () => {
    const { connect } = await startServer({ limits: { handshakeMs: 300 } })
    const publisher = connect()
    const drip = setInterval(() => publisher.send(Buffer.from([3])), 50)
    onTestFinished(() => clearInterval(drip))
    await eventually(() => expect(publisher.isClosed).toBe(true))
  })

  test('end a publisher that says nothing any more', async () => {
    const { connect, taken } = await startServer({ limits: { idleMs: 300 } })
    const publisher = connect()
    publisher.send(openingBytes())
    await eventually(() => expect(taken.ends).toEqual(['timed-out']))
  })

  test('end a peer that asks and does not read the answers', async () => {
    const { connect, taken } = await startServer()
    const publisher = connect()
    publisher.send(openingBytes())
    await publisher.told('NetStream.Publish.Start')
    publisher.socket.pause()
    const calls = Buffer.concat(Array<Buffer>(20_000).fill(commandBytes('unknown', 9, null)))
    for (let round = 0; round < 20; round++) publisher.send(calls)
    await eventually(() => expect(taken.ends).toEqual(['protocol-error']))
  })

  test('let a publisher in past 500 connections that do nothing, and leave another unharmed', async () => {
    const { connect, taken } = await startServer({ limits: { connections: 100 } })
    const first = connect()
    first.send(openingBytes())
    await first.told('NetStream.Publish.Start')
    const idle = Array.from({ length: 500 }, connect)
    await eventually(() => expect(idle.filter(({ isClosed }) => isClosed).length).toBeGreaterThanOrEqual(401))
    const second = connect()
    second.send(openingBytes())
    await second.told('NetStream.Publish.Start')
    first.send(mediaOf(10))
    await eventually(() => expect(taken.events).toHaveLength(11))
    expect(taken.ends).toEqual([])
  })

  test('keep a publisher out when all others publish', async () => {
    const { connect } = await startServer({ limits: { connections: 1 } })
    const first = connect()
    first.send(openingBytes())
    await first.told('NetStream.Publish.Start')
    const second = connect()
    await eventually(() => expect(second.isClosed).toBe(true))
    expect(first.isClosed).toBe(false)
  })
})
