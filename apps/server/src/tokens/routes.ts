import { createToken, refreshToken } from '@rtcstack/contract'
import type { FastifyRequest } from 'fastify'
import { answer, type Route } from '../http/router.ts'
import type { TokenService } from './service.ts'

interface TokenRoutesOptions {
  tokens: Pick<TokenService, 'issue'>
  /** The public origin, or '' to take the one that the request came to. */
  publicUrl: string
}

export function registerTokenRoutes(route: Route, { tokens, publicUrl }: TokenRoutesOptions): void {
  const urlFor = (request: FastifyRequest) =>
    (publicUrl || `${request.protocol}://${request.host}`).replace(/^http/, 'ws')

  route(createToken, async ({ body, request }) => answer(200, await tokens.issue(body, urlFor(request))))
  route(refreshToken, async ({ body, request }) => answer(200, await tokens.issue(body, urlFor(request))))
}
