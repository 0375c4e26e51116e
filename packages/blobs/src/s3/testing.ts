import { createServer, type IncomingHttpHeaders, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { S3Client } from '@aws-sdk/client-s3'
import { hasS3Server, type S3Server } from '@rtcstack/testkit'

/** Whether the tests that need a server can run; told where they cannot. */
export const whereThereIsS3 = hasS3Server()
if (!whereThereIsS3) process.stderr.write('SKIPPED: the S3 store, as there is no versitygw on the PATH\n')

export const mebibyte = 1 << 20

/** A client of its own, to look at a server from the side. */
export const clientOf = ({ endpoint, accessKey, secretKey, region }: S3Server): S3Client =>
  new S3Client({
    endpoint,
    region,
    forcePathStyle: true,
    credentials: { accessKeyId: accessKey, secretAccessKey: secretKey },
  })

/** A request that the server has answered, as it printed it. */
export interface Answered {
  status: number
  method: string
  query: string
}

export function requestsOf(server: S3Server): Answered[] {
  const lines = server
    .output()
    .split('\n')
    .map((line) => line.split(' | ').map((field) => field.trim()))
  return lines.flatMap(([, program, status, , , method = '', path = '', , query = '']) =>
    program === 'vgw' && path !== '/healthz' ? [{ status: Number(status), method, query }] : [],
  )
}

export interface Meddler {
  /** Changes a piece of a request's content on its way, and the headers of an answer. */
  request?: (chunk: Buffer, method: string, url: string) => Buffer
  answer?: (headers: IncomingHttpHeaders, method: string) => IncomingHttpHeaders
  /** Sees the headers of each request. */
  headers?: (headers: IncomingHttpHeaders) => void
}

/** A proxy that understands HTTP and does not leave it as it is. */
export async function startMeddler(port: number, meddler: Meddler) {
  const server = createServer((incoming, outgoing) => {
    const { method = '', url = '', headers } = incoming
    meddler.headers?.(headers)
    const onward = request({ host: '127.0.0.1', port, method, path: url, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, meddler.answer?.(answer.headers, method) ?? answer.headers)
      answer.pipe(outgoing)
    })
    onward.on('error', () => outgoing.destroy())
    incoming.on('data', (chunk: Buffer) => onward.write(meddler.request?.(chunk, method, url) ?? chunk))
    incoming.on('end', () => onward.end())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      server.close()
    },
  }
}
