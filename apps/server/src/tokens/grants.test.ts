import { expect, test } from 'vitest'
import { grantsFor } from './grants.ts'
import { roleAllows } from './permissions.ts'

const room = 'r'
const common = { room, roomJoin: true, canUpdateOwnMetadata: false, canSubscribe: true }

test.each([
  ['host', { canPublish: true, canPublishData: true, roomAdmin: true }],
  ['moderator', { canPublish: true, canPublishData: true, roomAdmin: false }],
  ['participant', { canPublish: true, canPublishData: true, roomAdmin: false }],
  ['viewer', { canPublish: false, canPublishData: false, roomAdmin: false }],
] as const)('%s has exactly the grants of the table', (role, grants) => {
  expect(grantsFor(role, room)).toEqual({ ...common, ...grants })
})

test.each([
  ['host', ['mute', 'kick', 'record', 'endRoom']],
  ['moderator', ['mute']],
  ['participant', []],
  ['viewer', []],
  [undefined, []],
  ['constructor', []],
] as const)('%s may moderate by %o', (role, allowed) => {
  const permissions = (['mute', 'kick', 'record', 'endRoom'] as const).filter((one) =>
    roleAllows(role as never, one),
  )
  expect(permissions).toEqual(allowed)
})
