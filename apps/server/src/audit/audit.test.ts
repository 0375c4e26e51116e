import {
  createRoom,
  createToken,
  deleteWebhook,
  listRooms,
  type Operation,
  removeParticipant,
} from '@rtcstack/contract'
import { expect, test } from 'vitest'
import { useDatabase } from '../database/testing.ts'
import { problems } from '../http/problem.ts'
import { createAudit } from './audit.ts'

const fixture = useDatabase()
const request = { ip: '192.0.2.1', id: 'q1' } as never
const application = { kind: 'application', id: 'abc', key: 'never written' } as const
const participant = { kind: 'participant', id: 'x', room: 'r', identity: 'ada', role: 'host' } as const

const around = (operation: Operation, call: object, run: () => Promise<{ status: number }>) =>
  createAudit(fixture.database).around(
    operation,
    { caller: application, params: {}, body: {}, request, ...call },
    run,
  )

const rows = () =>
  fixture.database
    .selectFrom('audit_log')
    .select(['actor', 'action', 'room', 'target', 'result', 'ip', 'request_id'])
    .orderBy('id')
    .execute()

test('who changed what, where, with which result and from where is written; reads and tokens are not', async () => {
  await around(listRooms, {}, async () => ({ status: 200 }))
  await around(createToken, {}, async () => ({ status: 200 }))
  await around(createRoom, { body: { name: 'r' } }, async () => ({ status: 201 }))
  const kick = { caller: participant, params: { roomId: 'r', participantId: 'bob' } }
  await expect(
    around(removeParticipant, kick, () => Promise.reject(problems.forbidden('no'))),
  ).rejects.toThrow('no')
  await around(deleteWebhook, { params: { webhookId: 'wh_1' } }, async () => ({ status: 204 }))
  const common = { room: 'r', ip: '192.0.2.1', request_id: 'q1' }
  const created = { ...common, actor: 'key:abc', action: 'createRoom', target: null }
  const kicked = { ...common, actor: 'participant:ada', action: 'removeParticipant', target: 'bob' }
  const deleted = { ...created, action: 'deleteWebhook', room: null, target: 'wh_1' }
  expect(await rows()).toEqual([
    { ...created, result: null },
    { ...created, result: 201 },
    { ...kicked, result: null },
    { ...kicked, result: 403 },
    { ...deleted, result: null },
    { ...deleted, result: 204 },
  ])
})

test('what was written can be neither changed nor removed', async () => {
  await expect(fixture.database.deleteFrom('audit_log').execute()).rejects.toThrow('append-only')
  await expect(fixture.database.updateTable('audit_log').set({ result: 200 }).execute()).rejects.toThrow(
    'append-only',
  )
})
