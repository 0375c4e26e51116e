import { getOpenApi, getProblemPage } from './documentation.ts'
import { getHealth, getLiveness, getReadiness } from './health.ts'
import type { Operation } from './operation.ts'
import { listParticipants, muteParticipant, removeParticipant } from './participants.ts'
import { createRoom, deleteRoom, getRoom, listRooms } from './rooms.ts'
import { createToken, refreshToken } from './tokens.ts'

/** Every operation of the API, in the order of its documentation. */
export const operations: readonly Operation[] = [
  getHealth,
  getLiveness,
  getReadiness,
  createToken,
  refreshToken,
  createRoom,
  listRooms,
  getRoom,
  deleteRoom,
  listParticipants,
  removeParticipant,
  muteParticipant,
  getOpenApi,
  getProblemPage,
]
