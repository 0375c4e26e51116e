import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startFaultProxy } from '../fault-proxy.ts'
import { findLiveKit, type RunningLiveKit, startLiveKit } from '../livekit.ts'
import { type Caller, joinCall } from './caller.ts'
import { captureConnectError } from './connect.ts'
import { operatorOf } from './livekit.fixture.ts'

const binary = findLiveKit()
if (!binary)
  process.stderr.write('SKIPPED: callers, as neither LIVEKIT_SERVER nor the PATH names a livekit-server\n')

describe.skipIf(!binary)('callers in a real call', { timeout: 30_000 }, () => {
  let livekit: RunningLiveKit
  let operator: ReturnType<typeof operatorOf>
  beforeAll(async () => {
    livekit = await startLiveKit()
    operator = operatorOf(livekit)
  }, 30_000)
  afterAll(() => livekit.stop())

  const join = (identity: string, room: string, publish = {}, grants = {}): Promise<Caller> =>
    joinCall({ url: livekit.url, token: operator.token(identity, room, grants), publish })

  it('see and hear each other, and each only what the other publishes', async () => {
    const room = randomUUID()
    await using alice = await join('alice', room, { audio: 440, video: 'red' })
    await using bob = await join('bob', room, { audio: 1_000, video: 'blue' })
    await Promise.all([
      bob.hears('alice', { toneHz: 440 }),
      bob.sees('alice', { colour: 'red' }),
      alice.hears('bob', { toneHz: 1_000 }),
      alice.sees('bob', { colour: 'blue', moving: true }),
    ])
    await Promise.all([
      expect(bob.hears('alice', { toneHz: 480, timeoutMs: 1_000 })).rejects.toThrow('no 480 Hz was heard'),
      expect(bob.sees('alice', { colour: 'green', timeoutMs: 1_000 })).rejects.toThrow('last red'),
      expect(bob.hearsSilence('alice', { forMs: 500, timeoutMs: 1_000 })).rejects.toThrow('was not silent'),
    ])
    expect(alice.sid).toMatch(/^PA_/)
    expect(alice.publishedTrackSid('video')).toMatch(/^TR_/)
  })

  it('hear silence from a muted participant, its tone again after, and no silence from who has no audio', async () => {
    const room = randomUUID()
    await using alice = await join('alice', room, { audio: 440 })
    await using bob = await join('bob', room, { video: 'yellow' })
    await bob.hears('alice', { toneHz: 440 })
    const track = { room, identity: 'alice', trackSid: alice.publishedTrackSid('audio') }
    await operator.roomService('MutePublishedTrack', { ...track, muted: true })
    await bob.hearsSilence('alice', { forMs: 1_000 })
    await operator.roomService('MutePublishedTrack', { ...track, muted: false })
    await bob.hears('alice', { toneHz: 440 })
    await alice.sees('bob', { colour: 'yellow' })
    const limits = { forMs: 100, timeoutMs: 300 }
    await expect(bob.hearsSilence('carol', limits)).rejects.toThrow('carol is not in the call')
    await expect(alice.hearsSilence('bob', limits)).rejects.toThrow('bob publishes no audio')
  })

  it('are refused a publication that their token does not allow, and are out of the call then', async () => {
    const room = randomUUID()
    await using _alice = await join('alice', room)
    const viewer = join('viewer', room, { audio: 440 }, { canPublish: false })
    await expect(viewer).rejects.toThrow(
      'viewer could not publish its microphone, which its token does not allow',
    )
    const present = () => operator.roomService('ListParticipants', { room })
    await expect.poll(present).toEqual({ participants: [expect.objectContaining({ identity: 'alice' })] })
  })

  it('learn why they are out of the call', async () => {
    const room = randomUUID()
    await using alice = await join('alice', room, { audio: 440, video: 'green' })
    await operator.roomService('RemoveParticipant', { room, identity: 'alice' })
    expect(await alice.disconnected).toBe('PARTICIPANT_REMOVED')
    const bob = await join('bob', room)
    await bob.leave()
    expect(await bob.disconnected).toBe('CLIENT_INITIATED')
  })

  it('get the HTTP status with the error of a refused token, and no token in it', async () => {
    const token = `${operator.token('alice', 'any')}x`
    const error = await captureConnectError({ url: livekit.url, token })
    expect(error.message).toContain('401')
    expect(error.message).not.toContain(token)
  })

  it('get out of a call whose server answers no more', async () => {
    await using proxy = await startFaultProxy({ targetPort: Number(new URL(livekit.url).port) })
    const room = randomUUID()
    const url = `http://127.0.0.1:${proxy.port}`
    const alice = await joinCall({ url, token: operator.token('alice', room), publish: { audio: 440 } })
    await proxy.set('blackhole')
    await alice.leave()
    expect(await alice.disconnected).toBe('CLIENT_INITIATED')
  })
})
