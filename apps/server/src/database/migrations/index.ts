import type { Migration } from 'kysely/migration'
import { up as foundation } from './0001-foundation.ts'
import { up as events } from './0002-events.ts'
import { up as recordings } from './0003-recordings.ts'
import { up as ingress } from './0004-ingress.ts'
import { up as livekitIngress } from './0005-livekit-ingress.ts'

/** All migrations, by name, in order. One that has been released is never changed. */
export const migrations: Record<string, Migration> = {
  '0001-foundation': { up: foundation },
  '0002-events': { up: events },
  '0003-recordings': { up: recordings },
  '0004-ingress': { up: ingress },
  '0005-livekit-ingress': { up: livekitIngress },
}
