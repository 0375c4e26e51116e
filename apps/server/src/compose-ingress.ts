import type { Logger } from 'pino'
import type { BanService } from './bans/service.ts'
import type { Closing } from './closing.ts'
import type { Config } from './config.ts'
import type { Database } from './database/database.ts'
import { createIngressAdmission } from './ingress/admission.ts'
import { createIngressBesideLiveKit } from './ingress/beside-livekit.ts'
import { createIngressCutting } from './ingress/cutting.ts'
import { createIngressKeeping } from './ingress/keeping.ts'
import { createIngressEngine } from './ingress/livekit/engine.ts'
import { startIngressRemoval } from './ingress/livekit/removal.ts'
import { createUndeletedStore } from './ingress/livekit/store.ts'
import { createIngressService } from './ingress/service.ts'
import { createIngressStore } from './ingress/store.ts'
import { createWhipService } from './ingress/whip/service.ts'
import { createWhipUpstream } from './ingress/whip/upstream.ts'
import type { LiveKit, LiveKitOptions } from './livekit/client.ts'
import { resealSecrets } from './secrets/reseal.ts'
import type { Sealing } from './secrets/sealing.ts'
import type { SessionTracker } from './sessions/tracker.ts'

/** What has to be there before anybody who joins is heard of. */
export function createIngressParts(
  { database, livekit, log }: { database: Database; livekit: LiveKit; log: Logger },
  closing: Closing,
) {
  const store = createIngressStore(database)
  const cutting = createIngressCutting({ store, livekit, log })
  closing.add('cutting of streams', cutting.close)
  return { store, cutting }
}

interface IngressParts extends ReturnType<typeof createIngressParts> {
  config: Config
  database: Database
  bans: BanService
  sealing: Sealing
  livekit: LiveKit
  livekitServer: LiveKitOptions
  sessions: SessionTracker
  log: Logger
}

/** Endpoints that streams are published to, and the intake of WHIP. */
export async function startIngress(parts: IngressParts, closing: Closing) {
  const { config, database, store, cutting, bans, sealing, livekit, livekitServer, sessions, log } = parts
  await resealSecrets('ingress', store, sealing, log)
  const admission = createIngressAdmission({ store, bans, livekit: livekitServer })
  const keep = createIngressKeeping({
    store,
    sealing,
    limits: { total: config.INGRESS_MAX, perRoom: config.INGRESS_MAX_PER_ROOM },
  })
  const engine = createIngressEngine(livekitServer)
  const removal = startIngressRemoval({ undeleted: createUndeletedStore(database), engine, log })
  closing.add('removal of endpoints from LiveKit', removal.close)
  return {
    ingresses: createIngressBesideLiveKit({
      ours: createIngressService({
        store,
        keep,
        sealing,
        cutting,
        livekit,
        sessions,
        rtmpPort: config.RTMP_PORT,
      }),
      intake: config.INGRESS,
      engine,
      store,
      keep,
      removal,
      log,
    }),
    whip: createWhipService({
      admission,
      find: store.find,
      bans,
      sealing,
      ask: createWhipUpstream(livekitServer.url),
    }),
  }
}
