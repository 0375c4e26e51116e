import { getHealth, getLiveness, getReadiness } from '@rtcstack/contract'
import { answer, type Route } from '../http/router.ts'
import type { HealthService } from './service.ts'

interface HealthRoutesOptions {
  health: HealthService
  version: string
}

export function registerHealthRoutes(route: Route, { health, version }: HealthRoutesOptions): void {
  route(getHealth, async () =>
    answer(200, {
      status: 'ok',
      version,
      capabilities: { transcriptionLive: false, transcriptionPost: false },
    }),
  )

  route(getLiveness, async () => answer(200, { status: 'alive' }))

  route(getReadiness, async () => {
    const readiness = await health.readiness()
    return answer(readiness.status === 'ready' ? 200 : 503, readiness)
  })
}
