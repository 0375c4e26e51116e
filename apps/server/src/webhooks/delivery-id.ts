/** A delivery by its endpoint and its event's place in the ledger. */
export interface DeliveryPlace {
  webhookId: string
  position: string
}

/** `dl_<position>_<rest of the webhook's id>`. */
export const deliveryId = ({ webhookId, position }: DeliveryPlace): string =>
  `dl_${position}_${webhookId.replace(/^wh_/, '')}`

/** The place that a delivery's id stands for, where it is one. */
export function readDeliveryId(id: string): DeliveryPlace | undefined {
  const [, position, rest] = /^dl_([1-9]\d{0,17})_([A-Za-z0-9_-]+)$/.exec(id) ?? []
  return position && rest ? { position, webhookId: `wh_${rest}` } : undefined
}
