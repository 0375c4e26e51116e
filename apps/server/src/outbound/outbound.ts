import { isIP } from 'node:net'
import type { DeliveryAttempt } from '@rtcstack/contract'
import { createAddressPolicy } from './address-policy.ts'
import { createGuardedAgents } from './connector.ts'
import { type LookupAll, lookupAll, shareLookups } from './lookup.ts'
import { type PostRequest, post } from './post.ts'

/** What came of a post. `error` is null for a 2xx answer; `answer` is the beginning of its body. */
export type PostOutcome = Omit<DeliveryAttempt, 'at'> & { retryAfterSeconds: number | undefined }

interface OutboundOptions {
  /** Networks that may be reached although they are not public. */
  allowCidrs: readonly string[]
  lookup?: LookupAll
  /** For a whole post; 15 000 unless told. */
  deadlineMs?: number
}

const resolveLimitMs = 2000

/** How this server posts to addresses that its users gave it, without becoming a way into the operator's network. */
export function createOutbound({ allowCidrs, deadlineMs = 15_000, ...options }: OutboundOptions) {
  const policy = createAddressPolicy(allowCidrs)
  const lookup = shareLookups(options.lookup ?? lookupAll)
  const agents = createGuardedAgents(policy, lookup)

  return {
    /**
     * What is wrong with an address, to tell who gives it; undefined where it may do. A name that does not resolve may
     * later: what counts is judged again at each connection.
     */
    async refusal(text: string): Promise<string | undefined> {
      if (!URL.canParse(text)) return 'must be a URL'
      const url = new URL(text)
      const fault = faultOf(url)
      if (fault) return fault
      const host = url.hostname.replace(/^\[|\]$/g, '')
      if (isIP(host))
        return policy.allows(host) ? undefined : refused(`points to ${host}, which is not public`)
      const addresses = await resolve(host, lookup)
      return addresses.every((address) => policy.allows(address))
        ? undefined
        : refused('resolves to an address that is not public')
    },

    /** Posts once, following nothing; never rejects. */
    post(text: string, request: PostRequest): Promise<PostOutcome> {
      const url = new URL(text)
      return post(url, request, { agent: agents.of(url), deadlineMs })
    },

    /** Breaks every connection. */
    close: async (): Promise<void> => agents.close(),
  }
}

export type Outbound = ReturnType<typeof createOutbound>

const refused = (what: string) =>
  `${what}: add its network to WEBHOOK_ALLOW_CIDRS if this server may reach it`

function faultOf(url: URL): string | undefined {
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return 'must be http or https'
  if (url.username || url.password) return 'must not carry a user name or a password'
  return url.hash ? 'must not have a fragment' : undefined
}

function resolve(name: string, lookup: LookupAll): Promise<string[]> {
  return new Promise((done) => {
    const timer = setTimeout(done, resolveLimitMs, [])
    lookup(name, (error, addresses) => {
      clearTimeout(timer)
      done(error ? [] : addresses.map(({ address }) => address))
    })
  })
}
