import { createToken, refreshToken, type TokenRequest } from '@rtcstack/contract'
import type { Call, CallOptions } from './transport.ts'

export const createTokens = (call: Call) => ({
  /** A token for a participant, and the address to connect to with it. */
  create: (request: TokenRequest, options?: CallOptions) => call(createToken, { body: request }, options),
  /** Another token before the first ends. */
  refresh: (request: TokenRequest, options?: CallOptions) => call(refreshToken, { body: request }, options),
})
