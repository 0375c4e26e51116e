import { sql } from 'kysely'

/**
 * The condition that a row may be claimed: nobody has it, its lease is over, or a process of the same claimant has it, which
 * is gone when this one asks. A row that is worked at is kept by renewing the lease.
 */
export const isClaimable = (claimant: string, table: string) => {
  const [claimedBy, leaseUntil] = [sql.ref(`${table}.claimed_by`), sql.ref(`${table}.lease_until`)]
  return sql<boolean>`(${claimedBy} is null or ${claimedBy} = ${claimant} or ${leaseUntil} < now())`
}

/** The change that claims a row, or renews a claim. */
export const claims = (claimant: string, seconds: number) =>
  sql`claimed_by = ${claimant}, lease_until = now() + make_interval(secs => ${seconds})`

/** The change that gives a row back. */
export const gives = sql`claimed_by = null, lease_until = null`
