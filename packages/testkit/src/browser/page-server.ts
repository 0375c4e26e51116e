import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { stripTypeScriptTypes } from 'node:module'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'

const sources = new URL('../', import.meta.url)
const client = new URL('livekit-client.esm.mjs', import.meta.resolve('livekit-client'))

const html = `<!doctype html>
<title>A caller</title>
<link rel="icon" href="data:,">
<style>body { margin: 0 } canvas { display: block; width: 100vw; height: 100vh }</style>
<canvas width="640" height="360"></canvas>
<script type="importmap">{ "imports": { "livekit-client": "/livekit-client.mjs" } }</script>
<script type="module" src="/browser/page/page.ts"></script>
`

export interface PageServer {
  readonly url: string
  close(): Promise<void>
}

/** Serves the page of a caller on loopback, where browsers let pages use cameras: its sources, without their types. */
export async function servePage(): Promise<PageServer> {
  const server = createServer(async (request, response) => {
    const answer = await answerOf(request.url ?? '/').catch(() => undefined)
    if (!answer) return response.writeHead(404).end()
    return response.setHeader('content-type', answer.type).end(answer.body)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    close: async () => {
      server.closeAllConnections()
      await new Promise((closed) => server.close(closed))
    },
  }
}

async function answerOf(path: string): Promise<{ type: string; body: string } | undefined> {
  if (path === '/') return { type: 'text/html', body: html }
  if (path === '/livekit-client.mjs') return { type: 'text/javascript', body: await readFile(client, 'utf8') }
  if (!/^(\/[a-z-]+)+\.ts$/.test(path)) return undefined
  const source = await readFile(fileURLToPath(new URL(`.${path}`, sources)), 'utf8')
  return { type: 'text/javascript', body: stripTypeScriptTypes(source) }
}
