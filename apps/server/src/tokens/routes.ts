import { createToken, refreshToken } from '@rtcstack/contract'
import type { FastifyRequest } from 'fastify'
import { answer, type Route } from '../http/router.ts'
import type { TokenService } from './service.ts'

interface TokenRoutesOptions {
  tokens: Pick<TokenService, 'issue'>
  /** The public origin, or '' to take the one that the request came to. */
  publicUrl: string
  /** For requests that name no host, as HTTP/1.0 allows. */
  localUrl: string
}

export function registerTokenRoutes(route: Route, { tokens, publicUrl, localUrl }: TokenRoutesOptions): void {
  const originOf = ({ protocol, host }: FastifyRequest) => (host ? `${protocol}://${host}` : localUrl)
  const urlFor = (request: FastifyRequest) => (publicUrl || originOf(request)).replace(/^http/, 'ws')

  route(createToken, async ({ body, request }) => answer(200, await tokens.issue(body, urlFor(request))))
  route(refreshToken, async ({ body, request }) => answer(200, await tokens.issue(body, urlFor(request))))
}
