import type { DiskBlobStore } from '@rtcstack/blobs'
import { problems } from '../http/problem.ts'
import type { CountRefusal } from '../http/refusals.ts'
import type { HttpServer } from '../http/server.ts'
import { sendBlob } from './send.ts'

interface BlobRoutesOptions {
  store: Pick<DiskBlobStore, 'openLink' | 'stat' | 'read'>
  countRefusal: CountRefusal
  now: () => Date
}

/** Serves what the signed links of a store on disk open; links of other stores lead to these. */
export function registerBlobRoutes(app: HttpServer, { store, countRefusal, now }: BlobRoutesOptions): void {
  const open = (link: string) => {
    const opened = store.openLink(link, now())
    if (!('refused' in opened)) return opened
    throw problems.forbidden(
      opened.refused === 'expired' ? 'This link has expired' : 'This is not a link of this server',
    )
  }
  app.route({
    method: 'GET',
    url: '/blobs/*',
    config: { undocumented: 'links say themselves what they open' },
    handler: async (request, reply) => {
      const opened = await countRefusal(request, async () => open(request.url), 'forbidden')
      // Who has the link may show it on any page, as with a link into a bucket.
      reply.header('cross-origin-resource-policy', 'cross-origin')
      const { status, body } = await sendBlob(request, reply, { store, ...opened })
      return reply.code(status).send(body)
    },
  })
}
