/** Why no answer came. `status` stands for an answer that is not 2xx, redirects included. */
export const deliveryErrors = [
  'timeout',
  'dns',
  'refused',
  'blocked',
  'tls',
  'reset',
  'status',
  'secret',
  'other',
] as const
export type DeliveryError = (typeof deliveryErrors)[number]
