import { randomBytes } from 'node:crypto'

const length = 16

/** An id as LiveKit's are: two letters, and letters and digits that nobody guesses. */
export const newId = (kind: 'EG' | 'RN'): string =>
  `${kind}_${randomBytes(length * 2)
    .toString('base64')
    .replaceAll(/[^A-Za-z0-9]/g, '')
    .slice(0, length)}`
