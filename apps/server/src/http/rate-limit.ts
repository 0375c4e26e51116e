/** So many requests in a minute, refilled evenly. */
export interface Budget {
  name: string
  perMinute: number
}

interface Bucket {
  left: number
  at: number
}

/** What a request may do and what the client is told. */
export interface Allowance {
  allowed: boolean
  /** Requests left now. */
  remaining: number
  /** Seconds until one more is allowed; 0 when some are left. */
  retryAfterSeconds: number
}

const maxClients = 10_000

/** Token buckets, one for each client of each budget, in this process; the longest unseen client is forgotten first. */
export function createRateLimiter(now: () => number = performance.now.bind(performance)) {
  const buckets = new Map<string, Bucket>()

  function refill(budget: Budget, client: string): Bucket {
    const key = `${budget.name} ${client}`
    const time = now()
    const known = buckets.get(key)
    const left = known
      ? Math.min(budget.perMinute, known.left + ((time - known.at) / 60_000) * budget.perMinute)
      : budget.perMinute
    const bucket = { left, at: time }
    buckets.delete(key)
    buckets.set(key, bucket)
    if (buckets.size > maxClients) buckets.delete(buckets.keys().next().value as string)
    return bucket
  }

  return {
    /** Takes one request from the client's budget, if there is one left. */
    take(budget: Budget, client: string): Allowance {
      const bucket = refill(budget, client)
      if (bucket.left >= 1) {
        bucket.left -= 1
        return { allowed: true, remaining: Math.floor(bucket.left), retryAfterSeconds: 0 }
      }
      const seconds = Math.ceil(((1 - bucket.left) * 60) / budget.perMinute)
      return { allowed: false, remaining: 0, retryAfterSeconds: Math.max(1, seconds) }
    },
  }
}

export type RateLimiter = ReturnType<typeof createRateLimiter>

/** The headers of draft-ietf-httpapi-ratelimit-headers for an allowance. */
export function rateLimitHeaders(budget: Budget, allowance: Allowance): Record<string, string> {
  return {
    'ratelimit-policy': `"${budget.name}";q=${budget.perMinute};w=60`,
    ratelimit: `"${budget.name}";r=${allowance.remaining};t=${allowance.retryAfterSeconds}`,
  }
}
