import { eventually, freeTcpPort, startReceiver } from '@rtcstack/testkit'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createOutbound } from './outbound.ts'
import { fakeNames } from './testing/fake-names.ts'
import { startHttpPeer, startPeer } from './testing/peer.ts'

const parcel = { headers: {}, body: '{}' }
const noContent = 'HTTP/1.1 204 No Content\r\n\r\n'

function open(lookup?: ReturnType<typeof fakeNames>) {
  const outbound = createOutbound({
    allowCidrs: ['127.0.0.0/8'],
    deadlineMs: 10_000,
    ...(lookup && { lookup }),
  })
  onTestFinished(outbound.close)
  return outbound
}

describe('connections', () => {
  test('are used again, also those to a name', async () => {
    await using peer = await startHttpPeer((socket) => socket.write(noContent))
    const outbound = open(fakeNames({ 'peer.example': ['127.0.0.1'] }))
    for (let count = 0; count < 5; count++)
      expect(await outbound.post(`http://peer.example:${peer.port}/`, parcel)).toMatchObject({
        error: null,
        address: '127.0.0.1',
      })
    expect(peer.sockets).toHaveLength(1)
  })

  test('are used by nobody else of this process', async () => {
    await using peer = await startHttpPeer((socket) => socket.write(noContent))
    const url = `http://127.0.0.1:${peer.port}/`
    for (const outbound of [open(), open()]) await outbound.post(url, parcel)
    await fetch(url, { method: 'POST', body: '{}' })
    expect(peer.sockets).toHaveLength(3)
  })

  test('of which many were needed are kept by the few', async () => {
    const waiting: (() => void)[] = []
    await using peer = await startHttpPeer((socket) => {
      waiting.push(() => socket.write(noContent))
    })
    const outbound = open()
    const posts = Array.from({ length: 20 }, () => outbound.post(`http://127.0.0.1:${peer.port}/`, parcel))
    await eventually(() => waiting.length === 20)
    for (const answer of waiting) answer()
    expect((await Promise.all(posts)).map(({ error }) => error)).toEqual(posts.map(() => null))
    await eventually(() => peer.sockets.filter((socket) => !socket.destroyed).length === 8)
  })

  test('that hang do not delay a post to another path of their origin', async () => {
    await using receiver = await startReceiver({
      answer: ({ path }, response) => {
        if (path !== '/slow') response.writeHead(204).end()
      },
    })
    const { origin } = new URL(receiver.url)
    const outbound = open()
    const slow = Array.from({ length: 8 }, () => outbound.post(`${origin}/slow`, parcel))
    await eventually(() => receiver.received.length === slow.length)
    expect(await outbound.post(`${origin}/fast`, parcel)).toMatchObject({ statusCode: 204, error: null })
    await outbound.close()
    expect(new Set((await Promise.all(slow)).map(({ error }) => error))).toEqual(new Set(['reset']))
  })
})

describe('a connection that turns out to be closed', () => {
  /** Answers those requests, by their count, and resets the connection of all others. */
  const startMoodyPeer = (answered: number[]) =>
    startHttpPeer((socket, count) => {
      if (answered.includes(count)) socket.write(noContent)
      else socket.resetAndDestroy()
    })

  test('when it is used again is replaced, and the post is made once more', async () => {
    await using peer = await startMoodyPeer([1, 3])
    const outbound = open()
    for (let count = 0; count < 2; count++)
      expect((await outbound.post(`http://127.0.0.1:${peer.port}/`, parcel)).error).toBeNull()
    expect(peer.sockets).toHaveLength(2)
  })

  test('is replaced once for a post', async () => {
    await using peer = await startMoodyPeer([1])
    const outbound = open()
    await outbound.post(`http://127.0.0.1:${peer.port}/`, parcel)
    expect((await outbound.post(`http://127.0.0.1:${peer.port}/`, parcel)).error).toBe('reset')
    expect(peer.sockets).toHaveLength(2)
  })

  test('when it is new is told', async () => {
    await using peer = await startMoodyPeer([])
    expect((await open().post(`http://127.0.0.1:${peer.port}/`, parcel)).error).toBe('reset')
    expect(peer.sockets).toHaveLength(1)
  })

  test('after the answer began is told by its status', async () => {
    await using peer = await startHttpPeer((socket, count) => {
      if (count === 1) socket.write(noContent)
      else
        socket.write('HTTP/1.1 500 Oh\r\ncontent-length: 9\r\n\r\nhal', () =>
          setImmediate(() => socket.destroy()),
        )
    })
    const outbound = open()
    await outbound.post(`http://127.0.0.1:${peer.port}/`, parcel)
    expect(await outbound.post(`http://127.0.0.1:${peer.port}/`, parcel)).toMatchObject({
      statusCode: 500,
      error: 'status',
      answer: 'hal',
    })
    expect(peer.sockets).toHaveLength(1)
  })
})

describe('what went wrong is told as', () => {
  test('dns, where the name is not known', async () => {
    const outbound = open(fakeNames({}))
    expect(await outbound.refusal('http://unknown.example/')).toBeUndefined()
    expect(await outbound.post('http://unknown.example/', parcel)).toMatchObject({
      error: 'dns',
      statusCode: null,
      address: null,
    })
  })

  test('blocked, where a name has no address at all', async () => {
    const outbound = open(fakeNames({ 'empty.example': [] }))
    expect((await outbound.post('http://empty.example/', parcel)).error).toBe('blocked')
  })

  test('refused, where nobody listens, at one address or at several', async () => {
    const port = await freeTcpPort()
    const outbound = open(fakeNames({ 'two.example': ['127.0.0.1', '127.0.0.2'] }))
    for (const host of ['127.0.0.1', 'two.example'])
      expect((await outbound.post(`http://${host}:${port}/`, parcel)).error).toBe('refused')
  })

  test('reset, where the other side ends without an answer', async () => {
    await using peer = await startPeer((socket) => socket.end())
    expect((await open().post(`http://127.0.0.1:${peer.port}/`, parcel)).error).toBe('reset')
  })

  test('reset, where we close ourselves', async () => {
    await using peer = await startHttpPeer(() => undefined)
    const outbound = open()
    const posting = outbound.post(`http://127.0.0.1:${peer.port}/`, parcel)
    await eventually(() => peer.sockets.length === 1)
    await outbound.close()
    expect((await posting).error).toBe('reset')
  })
})
