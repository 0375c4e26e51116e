import type { IngressRow } from './row.ts'

/** An endpoint that nobody has published to yet, but for what a test says of it. */
export const ingressRowOf = (columns: Partial<IngressRow> = {}): IngressRow => ({
  id: 'IN_1',
  room: 'stage',
  type: 'whip',
  identity: 'camera',
  name: 'Camera',
  keyDigest: Buffer.alloc(0),
  sealedKey: Buffer.alloc(0),
  inLiveKit: false,
  deletedAt: null,
  participantSid: null,
  roomSid: null,
  startedAt: null,
  endedAt: null,
  tracks: [],
  error: '',
  updatedAt: new Date('2026-01-01T12:00:00.000Z'),
  ...columns,
})
