import type { ParticipantInfo } from '@rtcstack/contract'
import { pino } from 'pino'
import { expect, test } from 'vitest'
import { problems } from '../http/problem.ts'
import { participantOf } from '../sessions/testing.ts'
import { createIngressCutting } from './cutting.ts'
import { ingressAttribute } from './row.ts'

const stream = (sid: string, ingressId: string): ParticipantInfo => ({
  ...participantOf(sid, 1),
  kind: 'INGRESS',
  attributes: { [ingressAttribute]: ingressId },
})

/** The cutting of a room's streams, of whose endpoints some were deleted. */
function cuttingOf(deleted: string[], participants: ParticipantInfo[], answer = async () => {}) {
  const removed: string[] = []
  const cutting = createIngressCutting({
    store: {
      isDeleted: async (id) => deleted.includes(id),
      listDeletedPublishing: async () => [],
    },
    livekit: {
      listParticipants: async () => participants,
      removeParticipant: async (_room, identity) => {
        removed.push(identity)
        await answer()
      },
    },
    log: pino({ level: 'silent' }),
  })
  return { cutting, removed }
}

test('only who publishes by that endpoint is cut', async () => {
  const participants = [stream('PA_1', 'IN_1'), stream('PA_2', 'IN_2'), participantOf('PA_3', 1)]
  const { cutting, removed } = cuttingOf([], participants)
  expect(await cutting.cut({ id: 'IN_1', room: 'stage' })).toEqual([participants[0]])
  expect(removed).toEqual(['identity of PA_1'])
  await cutting.close()
})

test('who has gone by itself needs no cutting', async () => {
  const gone = async () => {
    throw problems.participantNotFound()
  }
  const { cutting } = cuttingOf([], [stream('PA_1', 'IN_1')], gone)
  await cutting.cut({ id: 'IN_1', room: 'stage' })
  await cutting.close()
})

test('who joins by an endpoint that was deleted meanwhile is cut, and others stay, those of others’ endpoints too', async () => {
  const [late, welcome] = [stream('PA_1', 'IN_1'), stream('PA_2', 'IN_2')]
  const { cutting, removed } = cuttingOf(['IN_1'], [late, welcome])
  for (const participant of [late, welcome, participantOf('PA_3', 1)])
    await cutting.inspect('stage', participant)
  expect(removed).toEqual(['identity of PA_1'])
  await cutting.close()
})
