import { createHash, randomBytes } from 'node:crypto'

/** 128 random bits, in letters that an encoder's form and an address take as they are. */
export const newStreamKey = (): string => randomBytes(16).toString('base64url')

/** What a key is found by, so that the database holds none that could be used. */
export const digestOf = (streamKey: string): Buffer => createHash('sha256').update(streamKey).digest()
