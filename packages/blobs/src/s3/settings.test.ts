import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { HeadBucketCommand } from '@aws-sdk/client-s3'
import { freeTcpPort, type S3Server, startS3Server } from '@rtcstack/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { temporaryFolder, writeRandomFile } from '../conformance/files.ts'
import { BlobStoreError } from '../errors.ts'
import type { S3Settings } from './settings.ts'
import { createS3BlobStore } from './store.ts'
import { clientOf, mebibyte, whereThereIsS3 } from './testing.ts'

const anySettings: S3Settings = {
  endpoint: 'http://127.0.0.1:1',
  bucket: 'recordings',
  accessKey: 'key',
  secretKey: 'a secret',
  region: 'us-east-1',
}

test.each([
  ['endpoint', 'minio:9000'],
  ['endpoint', 'ftp://example.com'],
  ['endpoint', 'https://key:secret@example.com'],
  ['publicEndpoint', 'example.com'],
  ['bucket', ''],
  ['accessKey', ''],
  ['secretKey', ''],
  ['region', ''],
] as const)('%s cannot be %j, and that is said before anything is asked', (setting, value) => {
  const create = () => createS3BlobStore({ ...anySettings, [setting]: value })
  expect(create).toThrow(BlobStoreError)
  expect(create).toThrow(setting)
  expect(create).not.toThrow('secret@')
})

test.each([
  [404, '<html>Not found</html>'],
  [404, '{"type":"about:blank"}'],
  [401, ''],
  [301, ''],
  [200, 'hello'],
  [200, '<html></html>'],
])(
  'what answers everything with %i %j is no S3 server, and endpoint is to be changed',
  async (status, body) => {
    const server = createServer((_request, response) => response.writeHead(status).end(body))
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const store = createS3BlobStore({ ...anySettings, endpoint }, { delayMs: () => 1 })
    const prepared = store.prepare().finally(() => server.close())
    await expect(prepared).rejects.toMatchObject({ name: 'BlobStoreError', setting: 'endpoint' })
  },
)

describe.skipIf(!whereThereIsS3)('a setting that is wrong is named when the store is made ready', () => {
  let server: S3Server
  beforeAll(async () => {
    server = await startS3Server()
  })
  afterAll(() => server.stop())

  /** What preparing a store with such settings is refused with. */
  async function refusal(changed: Partial<S3Settings>): Promise<BlobStoreError> {
    const store = createS3BlobStore({ ...server, bucket: 'recordings', ...changed }, { delayMs: () => 1 })
    const error = await store.prepare().then(
      () => undefined,
      (thrown: unknown) => thrown,
    )
    expect(error).toBeInstanceOf(BlobStoreError)
    const everything = inspect(error, { depth: null, showHidden: true })
    expect(everything).not.toContain(changed.secretKey ?? server.secretKey)
    expect(everything).not.toContain('Signature=')
    return error as BlobStoreError
  }

  test.each<
    [
      what: string,
      changed: () => Partial<S3Settings> | Promise<Partial<S3Settings>>,
      setting: string,
      says: RegExp,
    ]
  >([
    [
      'an access key that is not known',
      () => ({ accessKey: 'nobody' }),
      'accessKey',
      /does not know this access key/,
    ],
    [
      'the secret of another key',
      () => ({ secretKey: 'x'.repeat(40) }),
      'secretKey',
      /not the secret key of this/,
    ],
    ['a host that is not there', () => ({ endpoint: 'http://s3.invalid' }), 'endpoint', /no such host/],
    [
      'a port that nobody listens on',
      async () => ({ endpoint: `http://127.0.0.1:${await freeTcpPort()}` }),
      'endpoint',
      /no server listens/,
    ],
    [
      'https where there is http',
      () => ({ endpoint: server.endpoint.replace('http', 'https') }),
      'endpoint',
      /https or http/,
    ],
    ['another region', () => ({ region: 'eu-north-7' }), 'region', /another region/],
    [
      'a name that no bucket can have',
      () => ({ bucket: 'No Bucket!' }),
      'bucket',
      /no bucket can have this name/,
    ],
  ])('%s', async (_, changed, setting, says) => {
    const error = await refusal(await changed())
    expect(error.message).toMatch(says)
    expect(error.message).toContain(`change ${setting}`)
    expect(error.setting).toBe(setting)
  })

  test('a bucket of somebody else', async () => {
    await createS3BlobStore({ ...server, bucket: 'theirs' }).prepare()
    const error = await refusal({ ...(await server.addUser()), bucket: 'theirs' })
    expect(error).toMatchObject({ setting: 'bucket', message: expect.stringContaining('somebody else’s') })
  })

  test('nothing wrong: the bucket is made, once for all who start at the same time, and nothing is left in it', async () => {
    const stores = Array.from({ length: 4 }, () => createS3BlobStore({ ...server, bucket: 'made-by-us' }))
    await Promise.all(stores.map((store) => store.prepare()))
    await clientOf(server).send(new HeadBucketCommand({ Bucket: 'made-by-us' }))
    expect(await Array.fromAsync(stores[0]?.list('') ?? [])).toEqual([])
    expect(stores[0]?.name).toBe(`S3 bucket made-by-us at ${server.endpoint}`)
  })

  test('keys that are void meanwhile end a put of a large file, which would not pass', async () => {
    await using folder = await temporaryFolder()
    const path = join(folder.path, 'large')
    await writeRandomFile(path, 24 * mebibyte)
    await createS3BlobStore({ ...server, bucket: 'recordings' }).prepare()
    const store = createS3BlobStore({ ...server, bucket: 'recordings', secretKey: 'x'.repeat(40) })
    const put = store.putFile('large.mp4', path, { contentType: 'video/mp4' })
    await expect(put).rejects.toMatchObject({ setting: 'secretKey' })
    const small = store.put('small.mp4', Buffer.alloc(7 * mebibyte), { contentType: 'video/mp4' })
    await expect(small).rejects.toMatchObject({ setting: 'secretKey' })
  })
})
