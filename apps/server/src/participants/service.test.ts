import { expect, test } from 'vitest'
import { problems } from '../http/problem.ts'
import { createParticipantService } from './service.ts'

const bob = { identity: 'bob', sid: 'PA_bob', state: 'ACTIVE', tracks: [{ sid: 'TR_1', muted: true }] }

/** The service over a LiveKit where Bob is, and what was asked of it. */
function serviceWith(removeParticipant: () => Promise<void> = async () => undefined) {
  const asked: string[] = []
  const note = (what: string) => async () => void asked.push(what)
  const service = createParticipantService({
    livekit: {
      listRooms: async () => [{ sid: 'RM_r', name: 'r' }] as never,
      listParticipants: async () => [bob] as never,
      removeParticipant: async () => {
        asked.push('remove')
        await removeParticipant()
      },
      muteTrack: note('mute'),
    },
    bans: { kick: note('kick') },
    sessions: { observe: note('record') },
  })
  return { service, asked }
}

test('tokens are void before the participant is out, and that is recorded before the answer', async () => {
  const { service, asked } = serviceWith()
  await service.kick('r', 'PA_bob', 0)
  expect(asked).toEqual(['kick', 'remove', 'record'])
})

test('who leaves by itself while it is kicked is kicked', async () => {
  await serviceWith(() => Promise.reject(problems.participantNotFound())).service.kick('r', 'bob', 0)
})

test('a kick that LiveKit cannot carry out is told, and its tokens are void all the same', async () => {
  const { service, asked } = serviceWith(() => Promise.reject(problems.mediaServerUnavailable(undefined)))
  await expect(service.kick('r', 'bob', 0)).rejects.toThrow('LiveKit does not answer')
  expect(asked).toEqual(['kick', 'remove'])
})

test('a track that is muted already is left so', async () => {
  const { service, asked } = serviceWith()
  await service.mute('r', 'bob', 'TR_1')
  expect(asked).toEqual([])
})
