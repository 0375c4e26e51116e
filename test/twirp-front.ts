import { once } from 'node:events'
import { createServer, type IncomingMessage, request as requestOf, type ServerResponse } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { json } from 'node:stream/consumers'

/** What is answered to a call: a message, or an error of Twirp. */
export interface TwirpAnswer {
  status: number
  body: object
}

/** An address before a server's: one service of Twirp is answered here, and everything else by the server. */
export async function startTwirpFront<Asked>(
  serverUrl: string,
  service: string,
  answer: (method: string, asked: Asked) => Promise<TwirpAnswer>,
) {
  const prefix = `/twirp/${service}/`

  async function reply(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const method = request.url?.slice(prefix.length) ?? ''
    const { status, body } = await answer(method, (await json(request)) as Asked)
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  }

  function passOn(request: IncomingMessage, response: ServerResponse): void {
    const { method, url, headers } = request
    const onward = requestOf(`${serverUrl}${url}`, { method, headers }, (incoming) =>
      incoming.pipe(response.writeHead(incoming.statusCode ?? 502, incoming.headers)),
    ).on('error', () => response.destroy())
    request.pipe(onward)
  }

  /** The signalling, which is a WebSocket. */
  function passUpgradeOn({ url, rawHeaders }: IncomingMessage, socket: Socket): void {
    const onward = connect(Number(new URL(serverUrl).port), '127.0.0.1')
    const lines = rawHeaders.flatMap((text, at) => (at % 2 === 0 ? `${text}: ${rawHeaders[at + 1]}` : []))
    onward.write([`GET ${url} HTTP/1.1`, ...lines, '', ''].join('\r\n'))
    onward.pipe(socket).pipe(onward)
    onward.on('error', () => socket.destroy())
    socket.on('error', () => onward.destroy())
  }

  const front = createServer((request, response) => {
    if (request.url?.startsWith(prefix)) void reply(request, response)
    else passOn(request, response)
  }).on('upgrade', passUpgradeOn)
  front.listen(0, '127.0.0.1')
  await once(front, 'listening')

  return {
    url: `http://127.0.0.1:${(front.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      front.closeAllConnections()
      front.close()
    },
  }
}
