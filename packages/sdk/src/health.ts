import { getHealth } from '@rtcstack/contract'
import type { Call, CallOptions } from './transport.ts'

export const createHealth = (call: Call) => ({
  /** Status, version and capabilities; needs no key. */
  get: (options?: CallOptions) => call(getHealth, {}, options),
})
