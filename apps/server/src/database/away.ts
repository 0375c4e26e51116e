/** SQL states and socket errors that mean: the database is away or too busy, not: the statement is wrong. */
const awayCodes = /^(08|57P|53|40P01|40001|25006|57014|ECONN|EPIPE|ETIMEDOUT|EHOST|ENET|ENOTFOUND|EAI_AGAIN)/
const awayMessages =
  /timeout|Connection terminated|Client has encountered a connection error|Cannot use a pool/i

/** Whether an error thrown by a query means that the database cannot be reached at the moment. */
export function isDatabaseAway(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const { code } = error as { code?: unknown }
  if (typeof code === 'string') return awayCodes.test(code)
  return error.constructor === Error && awayMessages.test(error.message)
}
