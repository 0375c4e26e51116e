import { createToken, refreshToken } from '@rtcstack/contract'
import type { FastifyRequest } from 'fastify'
import type { OriginOf } from '../http/origin.ts'
import { answer, type Route } from '../http/router.ts'
import type { TokenService } from './service.ts'

export function registerTokenRoutes(
  route: Route,
  tokens: Pick<TokenService, 'issue'>,
  originOf: OriginOf,
): void {
  const urlFor = (request: FastifyRequest) => originOf(request).replace(/^http/, 'ws')

  route(createToken, async ({ body, request }) => answer(200, await tokens.issue(body, urlFor(request))))
  route(refreshToken, async ({ body, request }) => answer(200, await tokens.issue(body, urlFor(request))))
}
