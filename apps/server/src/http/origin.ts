import type { FastifyRequest } from 'fastify'
import { type Config, localOrigin } from '../config.ts'

/** Where who makes a request reaches this server, such as `https://calls.example.com`. */
export type OriginOf = (request: FastifyRequest) => string

/** The public origin where it is set, or the one that the request came to; ours for requests that name no host, as HTTP/1.0 allows. */
export const createOriginOf =
  (config: Pick<Config, 'PUBLIC_URL' | 'HOST' | 'PORT'>): OriginOf =>
  ({ protocol, host }) =>
    config.PUBLIC_URL || (host ? `${protocol}://${host}` : localOrigin(config))
