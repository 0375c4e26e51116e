import { randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { pipeline } from 'node:stream/promises'
import { temporaryFolder } from '../conformance/files.ts'
import { describeBlobStore } from '../conformance.ts'
import { attachment } from '../content-disposition.ts'
import { createDiskBlobStore, type DiskBlobStore } from './store.ts'

describeBlobStore('disk', async () => {
  const folder = await temporaryFolder()
  const store = createDiskBlobStore({ directory: folder.path, signingKey: randomBytes(32) })
  const { origin, close } = await serveLinks(store)
  return {
    store,
    origin,
    close: async () => {
      close()
      await folder[Symbol.asyncDispose]()
    },
  }
})

/** Serves links as our server will. */
async function serveLinks(store: DiskBlobStore) {
  const server = createServer(async (request, response) => {
    const opened = store.openLink(request.url ?? '', new Date())
    if ('refused' in opened) return void response.writeHead(403).end()
    const info = await store.stat(opened.key)
    const [, start, end] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? []
    const range = start && end ? { start: Number(start), end: Number(end) + 1 } : undefined
    response.writeHead(range ? 206 : 200, {
      'content-type': info?.contentType,
      'content-disposition': attachment(opened.fileName),
    })
    // A client may go before the end.
    await pipeline(await store.read(opened.key, range), response).catch(() => response.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}
