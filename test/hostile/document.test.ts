import { afterAll, beforeAll, expect, test } from 'vitest'
import { useServer } from '../product.ts'
import { unlikeDocument } from './conformance.ts'
import { addressOf, type DocumentedOperation, document, documented, exampleAddress } from './document.ts'
import { createExchange } from './exchange.ts'
import { slugOf, unlikeProblem } from './problem-rules.ts'

const product = useServer()
let pool: ReturnType<typeof createExchange>

beforeAll(() => {
  pool = createExchange(product.server.url, { connections: 4 })
})
afterAll(() => pool?.close())

/** The operation's own example, sent as the document gives it. */
function sendExample(operation: DocumentedOperation) {
  const { body, method } = operation
  const bytes = body && Buffer.from(JSON.stringify(body.example))
  const headers = {
    'x-api-key': product.server.apiSecret,
    ...(bytes && { 'content-type': 'application/json' }),
  }
  return pool.exchange({ method, path: exampleAddress(operation), headers, ...(bytes && { body: bytes }) })
}

test('the served document is the one in the repository', async () => {
  expect(await (await fetch(`${product.server.url}/v1/openapi.json`)).json()).toEqual(document)
})

test.each(documented)('$id: its own example is answered as documented', async (operation) => {
  await product.client.rooms.create({ name: 'team-standup', emptyTimeout: 60 })
  const { status, headers, body } = await sendExample(operation)
  const contentType = String(headers['content-type'] ?? '')
  expect(unlikeDocument(operation, { status, contentType, body })).toBeUndefined()
  if (/\{(participant|webhook|delivery|session|ingress|recording)Id\}/.test(operation.path))
    expect(body).toContain('not found')
  else if (/\/recording\/(pause|resume)$/.test(operation.path))
    expect(body).toContain('No recording is running')
  else expect(status).toBeLessThan(300)
  if (operation.security !== 'none' && status < 300) expect(headers['cache-control']).toBe('no-store')
})

const paths = Object.entries(document.paths).map(([path, methods]) => {
  const names = Object.keys(methods).map((method) => method.toUpperCase())
  return { path, allowed: names.flatMap((name) => (name === 'GET' ? ['GET', 'HEAD'] : [name])) }
})
const allMethods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND']

test.each(paths)('$path: every other method is told that $allowed are allowed', async ({ path, allowed }) => {
  for (const method of allMethods.filter((name) => !allowed.includes(name))) {
    const answer = await pool.exchange({ method, path: addressOf({ path }, () => 'not-found'), headers: {} })
    expect(answer.status, method).toBe(405)
    expect(String(answer.headers.allow).split(', ').toSorted()).toEqual(allowed.toSorted())
    if (method !== 'HEAD') expect(unlikeProblem(answer)).toBeUndefined()
  }
})

test.each(paths.filter(({ allowed }) => allowed.includes('HEAD')))(
  '$path: HEAD is answered as GET without its body',
  async ({ path }) => {
    const headers = { 'x-api-key': product.server.apiSecret }
    const address = addressOf({ path }, () => 'not-found')
    const [head, get] = [
      await pool.exchange({ method: 'HEAD', path: address, headers }),
      await pool.exchange({ method: 'GET', path: address, headers }),
    ]
    expect(head.body).toBe('')
    expect(head.status).toBe(get.status)
    expect(head.headers['content-type']).toBe(get.headers['content-type'])
  },
)

const neighbours = paths.flatMap(({ path }) => [
  `${path}/`,
  `/${path}`,
  `${path}/x/y/z`,
  `${path}x`,
  path.toUpperCase(),
])

test('addresses beside the documented ones are nothing', async () => {
  for (const neighbour of neighbours) {
    const path = addressOf({ path: neighbour }, () => 'a')
    if (paths.some((one) => matches(one.path, path))) continue
    const headers = { 'x-api-key': product.server.apiSecret }
    const answer = await pool.exchange({ method: 'GET', path, headers })
    // An empty last segment is an empty id, which is no id.
    expect([slugOf(answer), answer.status], path).toEqual(
      path.endsWith('/') && answer.status === 400 ? ['validation-failed', 400] : ['not-found', 404],
    )
  }
})

const matches = (pattern: string, path: string) =>
  new RegExp(`^${pattern.replace(/\{\w+\}/g, '[^/]+')}$`).test(path)
