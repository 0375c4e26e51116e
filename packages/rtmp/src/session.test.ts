import { describe, expect, test } from 'vitest'
import { writeAmf } from './amf/write.ts'
import { defaultLimits } from './limits.ts'
import { createSession, type Session, type SessionEffect } from './session.ts'
import {
  audioBody,
  audioConfigBody,
  chunksOf,
  commandBytes,
  connectBytes,
  helloBytes,
  mediaBytes,
  openingBytes,
  videoBody,
  videoConfigBody,
} from './testing/publisher-bytes.ts'
import { statusesIn } from './testing/statuses.ts'
import { messageTypes } from './wire/message.ts'

const key = Buffer.from([0x65, 1, 2, 3])
const delimiter = Buffer.from([9, 0xf0])

function start(): { session: Session; effects: SessionEffect[]; did: (more: SessionEffect[]) => void } {
  const effects: SessionEffect[] = []
  return {
    session: createSession(defaultLimits, Buffer.alloc),
    effects,
    did: (more) => void effects.push(...more),
  }
}

/** A session that publishes, and what it did since. */
function publishing() {
  const started = start()
  started.did(started.session.take(openingBytes()))
  started.did(started.session.accept())
  return started
}

const sent = (effects: SessionEffect[]) =>
  statusesIn(Buffer.concat(effects.flatMap((effect) => (effect.type === 'send' ? [effect.bytes] : []))))
const media = (effects: SessionEffect[]) =>
  effects.flatMap((effect) => (effect.type === 'media' ? [effect.event] : []))
const ends = (effects: SessionEffect[]) =>
  effects.flatMap((effect) => (effect.type === 'end' ? [`${effect.reason}: ${effect.detail}`] : []))

describe('publishing', () => {
  test('is asked for with the application and the key alone, and started when it is accepted', () => {
    const { session, effects, did } = start()
    did(session.take(openingBytes('secret?user=1', 'live/?flash=1')))
    expect(effects.at(-1)).toEqual({ type: 'ask', app: 'live', key: 'secret' })
    expect(sent(effects)).toEqual([])
    did(session.accept())
    expect(sent(effects)).toEqual(['NetStream.Publish.Start: The stream is published.'])
  })

  test('waits for the answer with what has come after the question', () => {
    const { session, effects, did } = start()
    did(session.take(Buffer.concat([openingBytes(), mediaBytes('audio', audioConfigBody)])))
    expect(media(effects)).toEqual([])
    did(session.accept())
    expect(media(effects)).toEqual([
      { type: 'audio-config', timeMs: 0, sampleRateHz: 48_000, channels: 2, body: audioConfigBody },
    ])
  })

  test('is refused with a reason', () => {
    const { session, effects, did } = start()
    did(session.take(openingBytes()))
    did(session.refuse('invalid stream key'))
    expect(sent(effects)).toEqual(['NetStream.Publish.BadName: invalid stream key'])
    expect(ends(effects)).toEqual(['refused: invalid stream key'])
  })

  test.each(['FCUnpublish', 'deleteStream', 'closeStream'])('ends at %s', (name) => {
    const { session, effects, did } = publishing()
    did(session.take(commandBytes(name, 0, null, 1)))
    expect(ends(effects)).toEqual([`unpublished: ${name}`])
    expect(session.take(mediaBytes('audio', audioBody))).toEqual([])
  })
})

test('video is read as access units with their times, without delimiters', () => {
  const { session, effects, did } = publishing()
  did(session.take(mediaBytes('video', videoConfigBody)))
  did(session.take(mediaBytes('video', videoBody([delimiter, key], { isKey: true, offsetMs: 80 }), 40)))
  did(session.take(mediaBytes('video', videoBody([key], { offsetMs: -40 }), 80)))
  expect(media(effects)).toMatchObject([
    { type: 'video-config', sequenceSets: [{ length: 23 }], pictureSets: [{ length: 5 }] },
    { type: 'video', decodeMs: 40, offsetMs: 80, isKey: true, units: [key] },
    { type: 'video', decodeMs: 80, offsetMs: -40, isKey: false, units: [key] },
  ])
})

test('time goes on past 32 bits, for audio and video alike', () => {
  const { session, effects, did } = publishing()
  did(session.take(mediaBytes('audio', audioBody, 0xfffffff0)))
  did(session.take(mediaBytes('video', videoConfigBody, 0x10)))
  did(session.take(mediaBytes('audio', audioBody, 0x20)))
  did(session.take(mediaBytes('video', videoBody([key]), 0xfffffffe)))
  expect(
    media(effects).map((event) => ('timeMs' in event ? event.timeMs : 'decodeMs' in event && event.decodeMs)),
  ).toEqual([0xfffffff0, 0x100000010, 0x100000020, 0xfffffffe])
})

test('metadata is read as far as it can be true', () => {
  const { session, effects, did } = publishing()
  const said = { width: 1280, height: -1, framerate: 30, videocodecid: 7, audiocodecid: 'mp4a', 'x-y': null }
  const payload = writeAmf('@setDataFrame', 'onMetaData', said)
  did(session.take(chunksOf({ type: messageTypes.data, streamId: 1, payload })))
  expect(media(effects)).toEqual([
    { type: 'metadata', width: 1280, framesPerSecond: 30, hasVideo: true, hasAudio: true },
  ])
})

describe('a codec that cannot be taken is refused by its name', () => {
  test.each<[string, 'audio' | 'video', Buffer]>([
    ['HEVC is not supported, send H.264', 'video', Buffer.from([0x91, ...Buffer.from('hvc1')])],
    ['AV1 is not supported, send H.264', 'video', Buffer.from([0x80 | 0x10, ...Buffer.from('av01')])],
    ['VP6 is not supported, send H.264', 'video', Buffer.from([0x14, 0, 0])],
    ['Opus is not supported, send AAC', 'audio', Buffer.from([0x90, ...Buffer.from('Opus')])],
    ['MP3 is not supported, send AAC', 'audio', Buffer.from([0x2f, 0xff])],
    ['This codec of Enhanced RTMP is not supported, send H.264', 'video', Buffer.from([0x90, 1, 2, 3, 4])],
  ])('%s', (words, kind, body) => {
    const { session, effects, did } = publishing()
    did(session.take(mediaBytes(kind, body)))
    expect(sent(effects).at(-1)).toBe(`NetStream.Publish.Rejected: ${words}`)
    expect(ends(effects)).toEqual([`unsupported-codec: ${words}`])
  })
})

describe('a client that', () => {
  const connected = () => {
    const started = start()
    started.did(started.session.take(Buffer.concat([helloBytes, connectBytes()])))
    return started
  }

  test('wants to play is told that there is nothing', () => {
    const { session, effects, did } = connected()
    did(session.take(commandBytes('play', 0, null, 'a-key')))
    expect(sent(effects)).toEqual(['NetStream.Play.Failed: This server takes streams and plays none.'])
    expect(ends(effects)).toEqual(['refused: asked to play'])
  })

  test.each<[string, Buffer, string]>([
    ['speaks another protocol', Buffer.from('GET / HTTP/1.1\r\n'), 'not RTMP'],
    [
      'publishes before it connects',
      Buffer.concat([helloBytes, commandBytes('publish', 1, null, 'k')]),
      'a command before connecting',
    ],
    ['connects twice', Buffer.concat([helloBytes, connectBytes(), connectBytes()]), 'connected twice'],
    [
      'has a name without end',
      Buffer.concat([helloBytes, connectBytes('x'.repeat(1_000))]),
      'a name is too long',
    ],
    [
      'sends a command of the size of a film',
      Buffer.concat([helloBytes, chunksOf({ type: 20, payload: Buffer.alloc(100_000) })]),
      'a message is too large',
    ],
  ])('%s is cut off', (_what, bytes, words) => {
    const { session, effects, did } = start()
    did(session.take(bytes))
    expect(ends(effects)).toEqual([`protocol-error: ${words}`])
  })

  test('offers the digest form of the handshake is answered in the simple one, with what it sent', () => {
    const theirs = Buffer.alloc(1536, 7)
    theirs.writeUInt32BE(0x80000702, 4)
    const [reply] = start().session.take(Buffer.concat([Buffer.from([3]), theirs]))
    const bytes = reply?.type === 'send' ? reply.bytes : Buffer.alloc(0)
    expect(bytes.length).toBe(1 + 2 * 1536)
    expect(bytes.readUInt32BE(5)).toBe(0)
    expect(bytes.subarray(1 + 1536)).toEqual(theirs)
  })

  test('asks for acknowledgements gets them', () => {
    const { session, effects, did } = connected()
    did(
      session.take(
        chunksOf({ type: messageTypes.windowSize, payload: Buffer.from([0, 0, 1, 0]) }, { chunkStreamId: 2 }),
      ),
    )
    const before = effects.length
    did(session.take(commandBytes('_checkbw', 0, 'x'.repeat(300))))
    expect(effects.slice(before)).toMatchObject([{ type: 'send', bytes: { length: 16 } }])
  })
})
