import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { eventually, startServer } from '@rtcstack/testkit'
import { describe, expect, onTestFinished, test } from 'vitest'
import { clientOf, problemOf, uniqueName, useServer } from './product.ts'

const publicUrl = 'http://93.184.216.34/hook'
const innerHosts = [
  '127.0.0.1',
  '2130706433',
  '0x7f000001',
  '0x7f.1',
  '017700000001',
  '0177.0.0.1',
  '127.1',
  '127.0.0.1.',
  '①②⑦.⓪.⓪.①',
  '127。0。0。1',
  '%31%32%37.0.0.1',
  '127.0.0.1\\@public.example',
  'localhost',
  'LOCALHOST',
  '0',
  '0.0.0.0',
  '10.0.0.1',
  '172.16.0.1',
  '192.168.0.1',
  '100.64.0.1',
  '100.100.100.200',
  '169.254.169.254',
  '2852039166',
  '168.63.129.16',
  '192.0.0.192',
  '192.0.2.1',
  '198.18.0.1',
  '198.51.100.1',
  '203.0.113.1',
  '224.0.0.1',
  '240.0.0.1',
  '255.255.255.255',
  '[::]',
  '[::1]',
  '[::ffff:127.0.0.1]',
  '[::ffff:a9fe:a9fe]',
  '[::7f00:1]',
  '[::127.0.0.1]',
  '[::ffff:0:7f00:1]',
  '[64:ff9b::7f00:1]',
  '[64:ff9b:1::7f00:1]',
  '[2002:7f00:1::1]',
  '[2001:0:7f00:1::1]',
  '[fd00:ec2::254]',
  '[fc00::1]',
  '[fe80::1]',
  '[fec0::1]',
  '[ff02::1]',
  '[2001:db8::1]',
  '[100::1]',
  '[4000::1]',
]

describe('where no private network is allowed', () => {
  const product = useServer({ WEBHOOK_ALLOW_CIDRS: 'none' })

  test('a webhook is neither made for an inner address nor moved to one, and is told which setting says so', async () => {
    const { webhooks } = product.client
    const { id } = await webhooks.create({ url: publicUrl })
    const entries = [
      (host: string) => webhooks.create({ url: `http://${host}/hook` }),
      (host: string) => webhooks.update(id, { url: `https://${host}:8443/` }),
    ]
    for (const host of innerHosts)
      for (const enter of entries)
        expect(await problemOf(enter(host)), host).toEqual({
          status: 400,
          slug: 'validation-failed',
          detail: expect.stringMatching(/^#\/url .* not public: .*WEBHOOK_ALLOW_CIDRS/),
        })
    expect((await webhooks.list()).webhooks).toMatchObject([{ id, url: publicUrl }])
    await webhooks.delete(id)
  }, 60_000)

  test.each([
    ['a user name', 'http://public.example@127.0.0.1/'],
    ['a password', 'http://:secret@93.184.216.34/'],
    ['a fragment', `${publicUrl}#inside`],
    ['another protocol', 'ftp://93.184.216.34/'],
    ['a file', 'file:///etc/passwd'],
    ['nothing behind the protocol', 'http:///'],
    ['an address that does not exist', 'http://256.256.256.256/'],
    ['a zone', 'http://[fe80::1%25lo]/'],
    ['no protocol', '93.184.216.34/hook'],
  ])('a webhook is not made for a URL with %s', async (_what, url) => {
    expect(await problemOf(product.client.webhooks.create({ url }))).toMatchObject({
      status: 400,
      slug: 'validation-failed',
    })
  })
})

test('what was allowed once is judged again by every test, delivery, redelivery and replay', async () => {
  let connections = 0
  const endpoint = createServer((_request, response) => response.writeHead(204).end())
  endpoint.on('connection', () => connections++).listen(0, '127.0.0.1')
  await once(endpoint, 'listening')
  const dataDirectory = await mkdtemp(join(tmpdir(), 'webhooks-guard-'))
  onTestFinished(async () => {
    endpoint.close()
    await rm(dataDirectory, { recursive: true, force: true, maxRetries: 3 })
  })
  const url = `http://127.0.0.1:${(endpoint.address() as AddressInfo).port}/hook`

  const open = await startServer({ dataDirectory })
  const { id } = await clientOf(open).webhooks.create({ url, events: ['room_created'] })
  expect(await clientOf(open).webhooks.test(id)).toEqual({ delivered: true, statusCode: 204 })
  await open.stop()
  expect(connections).toBe(1)

  await using closed = await startServer({ dataDirectory, env: { WEBHOOK_ALLOW_CIDRS: 'none' } })
  const { rooms, webhooks } = clientOf(closed)
  const triedAndBlocked = (tries: number) =>
    eventually(async () => {
      const [delivery] = (await webhooks.deliveries(id)).deliveries
      if (delivery?.attempts.length !== tries) return false
      expect(delivery.attempts.at(-1)).toMatchObject({ error: 'blocked', statusCode: null, address: null })
      return delivery
    })
  expect(await webhooks.test(id)).toEqual({ delivered: false, error: 'blocked' })
  const since = new Date().toISOString()
  await rooms.create({ name: uniqueName('guard') })
  const delivery = await triedAndBlocked(1)
  await webhooks.redeliver(delivery.id)
  await triedAndBlocked(2)
  await webhooks.replay(id, { since })
  await triedAndBlocked(3)
  expect(connections).toBe(1)
}, 60_000)
