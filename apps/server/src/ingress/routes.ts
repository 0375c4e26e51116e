import { createIngress, deleteIngress, listIngress } from '@rtcstack/contract'
import type { OriginOf } from '../http/origin.ts'
import { pageOf } from '../http/page.ts'
import { answer, type Route } from '../http/router.ts'
import type { IngressService } from './service.ts'

export function registerIngressRoutes(route: Route, ingresses: IngressService, originOf: OriginOf): void {
  route(createIngress, async ({ params, body, request }) =>
    answer(201, await ingresses.create(params.roomId, body, originOf(request))),
  )

  route(listIngress, async ({ params, query, request }) => {
    const all = await ingresses.list(params.roomId, originOf(request))
    const { items, nextCursor } = pageOf(all, ({ ingressId }) => ingressId, query)
    return answer(200, { ingress: items, nextCursor })
  })

  route(deleteIngress, async ({ params }) => {
    await ingresses.remove(params.roomId, params.ingressId)
    return answer(204)
  })
}
