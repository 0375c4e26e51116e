import { once } from 'node:events'
import { createServer as createHttpsServer } from 'node:https'
import { getCACertificates, setDefaultCACertificates, type TlsOptions } from 'node:tls'
import { afterAll, expect, onTestFinished, test } from 'vitest'
import { createOutbound } from './outbound.ts'
import { makeCertificate } from './testing/certificate.ts'
import { fakeNames } from './testing/fake-names.ts'
import { startPeer } from './testing/peer.ts'

const parcel = { headers: {}, body: '{}' }
const trusted = makeCertificate({ host: 'peer.example' })
const expired = makeCertificate({ host: 'peer.example', notAfter: new Date(Date.now() - 86_400_000) })
const unknown = makeCertificate({ host: 'peer.example' })

const bundled = getCACertificates('default')
setDefaultCACertificates([...bundled, trusted.cert, expired.cert])
afterAll(() => setDefaultCACertificates(bundled))

const names = fakeNames({ 'peer.example': ['127.0.0.1'], 'other.example': ['127.0.0.1'] })
const outbound = createOutbound({ allowCidrs: ['127.0.0.0/8'], lookup: names })
afterAll(outbound.close)

/** Counts the requests that reach a server of HTTPS, by whatever connection. */
async function startTls(options: TlsOptions) {
  const seen = { requests: 0, versions: [] as string[], failures: [] as (string | undefined)[] }
  const server = createHttpsServer(options, (request, response) => {
    seen.requests++
    request.resume()
    response.writeHead(204).end()
  })
  server.on('secureConnection', (socket) => seen.versions.push(String(socket.getProtocol())))
  server.on('tlsClientError', (error: NodeJS.ErrnoException) => seen.failures.push(error.code))
  const peer = await startPeer(() => undefined, server)
  onTestFinished(() => peer[Symbol.asyncDispose]())
  return { seen, server, url: (host: string) => `https://${host}:${peer.port}/` }
}

test.each(['TLSv1.2', 'TLSv1.3'] as const)('a good certificate is posted to by %s', async (version) => {
  const { seen, url } = await startTls({ ...trusted, minVersion: version, maxVersion: version })
  for (let count = 0; count < 2; count++)
    expect(await outbound.post(url('peer.example'), parcel)).toMatchObject({
      error: null,
      address: '127.0.0.1',
    })
  expect(seen).toMatchObject({ requests: 2, versions: [version] })
})

test.each([
  ['signed by itself', unknown, 'peer.example'],
  ['that is over', expired, 'peer.example'],
  ['of another host', trusted, 'other.example'],
  ['of a name, at an address', trusted, '127.0.0.1'],
])('a certificate %s is not posted to', async (_what, certificate, host) => {
  const { seen, url } = await startTls(certificate)
  expect(await outbound.post(url(host), parcel)).toMatchObject({ error: 'tls', statusCode: null })
  expect(seen.requests).toBe(0)
})

test.each(['TLSv1', 'TLSv1.1'] as const)('%s is refused, whatever the certificate', async (version) => {
  const old = { minVersion: version, maxVersion: version, ciphers: 'DEFAULT@SECLEVEL=0' } as const
  const { seen, server, url } = await startTls({ ...trusted, ...old })
  const failed = once(server, 'tlsClientError')
  expect(await outbound.post(url('peer.example'), parcel)).toMatchObject({ error: 'tls', statusCode: null })
  await failed
  expect(seen).toEqual({ requests: 0, versions: [], failures: ['ERR_SSL_UNSUPPORTED_PROTOCOL'] })
})

test('who speaks no TLS is told as such', async () => {
  await using peer = await startPeer((socket) =>
    socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')),
  )
  expect((await outbound.post(`https://peer.example:${peer.port}/`, parcel)).error).toBe('tls')
})
