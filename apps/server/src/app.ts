import type { DiskBlobStore } from '@rtcstack/blobs'
import type { Audit } from './audit/audit.ts'
import { registerBlobRoutes } from './blobs/routes.ts'
import type { Config } from './config.ts'
import type { Database } from './database/database.ts'
import { registerDocumentationRoutes } from './documentation/routes.ts'
import { registerEventRoutes } from './events/routes.ts'
import type { EventStreams } from './events/stream.ts'
import { registerHealthRoutes } from './health/routes.ts'
import type { HealthService } from './health/service.ts'
import { createAuthenticator } from './http/auth.ts'
import { createIdempotency } from './http/idempotency.ts'
import { createIdempotencyStore } from './http/idempotency-store.ts'
import { createOriginOf } from './http/origin.ts'
import { createRateLimiter } from './http/rate-limit.ts'
import { createRefusalCounter } from './http/refusals.ts'
import { createRouter } from './http/router.ts'
import type { HttpServer } from './http/server.ts'
import { refuseUnknownRoutes } from './http/unknown-routes.ts'
import { registerInboxRoutes } from './inbox/routes.ts'
import { registerIngressRoutes } from './ingress/routes.ts'
import type { IngressService } from './ingress/service.ts'
import { registerWhipRoutes } from './ingress/whip/routes.ts'
import type { WhipService } from './ingress/whip/service.ts'
import { registerParticipantRoutes } from './participants/routes.ts'
import type { ParticipantService } from './participants/service.ts'
import { type RecordingParts, registerRecordingRoutes } from './recordings/routes.ts'
import { registerRoomRoutes } from './rooms/routes.ts'
import type { RoomService } from './rooms/service.ts'
import { registerSessionRoutes } from './sessions/routes.ts'
import { registerSignallingProxy } from './signalling/proxy.ts'
import { registerTokenRoutes } from './tokens/routes.ts'
import type { TokenService } from './tokens/service.ts'
import type { DeliveryLog } from './webhooks/log-store.ts'
import { registerWebhookRoutes } from './webhooks/routes.ts'
import type { WebhookService } from './webhooks/service.ts'

/** Everything that the routes need, made by the composition root. */
export interface AppParts {
  config: Config
  version: string
  apiKeys: readonly string[]
  database: Database
  audit: Audit
  livekit: { url: string; apiKey: string; apiSecret: string }
  inbox: Pick<Parameters<typeof registerInboxRoutes>[1], 'keep' | 'onKept'>
  health: HealthService
  /** Where this server serves the links of its blobs itself. */
  blobsOnDisk: DiskBlobStore | undefined
  tokens: TokenService
  rooms: RoomService
  participants: ParticipantService
  recordings: Omit<RecordingParts, 'originOf'>
  ingresses: IngressService
  whip: WhipService
  webhooks: WebhookService
  deliveryLog: DeliveryLog
  eventStreams: EventStreams
}

/** Registers every feature, in reading order. */
export async function registerFeatures(app: HttpServer, parts: AppParts): Promise<void> {
  const { config, database, livekit, tokens, version } = parts
  const rateLimiter = createRateLimiter()
  const countRefusal = createRefusalCounter(rateLimiter, {
    name: 'refused credentials',
    perMinute: config.RATE_LIMIT_AUTH_FAILURES,
  })
  const route = createRouter({
    app,
    authenticator: createAuthenticator({ apiKeys: parts.apiKeys, verifyParticipant: tokens.verify }),
    rateLimiter,
    countRefusal,
    budgets: {
      token: { name: 'token', perMinute: config.RATE_LIMIT_TOKEN },
      read: { name: 'read', perMinute: config.RATE_LIMIT_READ },
      write: { name: 'write', perMinute: config.RATE_LIMIT_WRITE },
      webhookTest: { name: 'webhook test', perMinute: config.RATE_LIMIT_WEBHOOK_TEST },
      participant: { name: 'participant', perMinute: config.RATE_LIMIT_PARTICIPANT },
    },
    idempotency: createIdempotency(createIdempotencyStore(database)),
    audit: parts.audit,
  })

  const originOf = createOriginOf(config)

  registerHealthRoutes(route, { health: parts.health, version })
  registerTokenRoutes(route, tokens, originOf)
  registerRoomRoutes(route, parts.rooms)
  registerParticipantRoutes(route, parts.participants)
  registerRecordingRoutes(route, { ...parts.recordings, originOf })
  registerIngressRoutes(route, parts.ingresses, originOf)
  registerWebhookRoutes(route, parts.webhooks, parts.deliveryLog)
  registerEventRoutes(route, database, parts.eventStreams)
  registerSessionRoutes(route, database)
  if (parts.blobsOnDisk)
    registerBlobRoutes(app, { store: parts.blobsOnDisk, countRefusal, now: () => new Date() })
  await registerSignallingProxy(app, { upstream: livekit.url, tokens, countRefusal })
  await registerWhipRoutes(app, { whip: parts.whip, originOf, countRefusal })
  registerInboxRoutes(app, { ...livekit, ...parts.inbox, countRefusal })
  await registerDocumentationRoutes(app, route, version)
  refuseUnknownRoutes(app)
}
