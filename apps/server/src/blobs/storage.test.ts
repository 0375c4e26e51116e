import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createClient } from '@rtcstack/sdk'
import { eventually, hasS3Server, type RunningServer, startS3Server, startServer } from '@rtcstack/testkit'
import { afterEach, expect, test } from 'vitest'

if (!hasS3Server()) process.stderr.write('SKIPPED: storage in S3, as there is no versitygw on the PATH\n')

let server: RunningServer | undefined
afterEach(async () => {
  await server?.stop()
  server = undefined
})

async function storageOf({ url }: RunningServer) {
  const answer = await fetch(`${url}/readyz`)
  const { checks } = (await answer.json()) as { checks: Record<string, unknown> }
  return { status: answer.status, storage: checks.storage }
}

test('without a setting recordings are kept on disk, and links that are none are refused', async () => {
  server = await startServer()
  expect(await storageOf(server)).toEqual({ status: 200, storage: { ok: true, detail: 'disk' } })
  expect((await fetch(`${server.url}/blobs/any.mp4`)).status).toBe(403)
})

test.skipIf(!hasS3Server())(
  'a store that is away or refuses stops no call, is told of with the setting to change, and is found when it is there',
  async () => {
    await using s3 = await startS3Server()
    await s3.kill()
    server = await startServer({
      env: {
        MINIO_ENDPOINT: s3.endpoint,
        MINIO_ACCESS_KEY: s3.accessKey,
        MINIO_SECRET_KEY: s3.secretKey,
        MINIO_REGION: s3.region,
      },
    })
    const running = server
    const client = createClient({ url: running.url, apiKey: running.apiSecret })
    await client.rooms.create({ name: 'goes on' })
    await eventually(async () => {
      const { status, storage } = await storageOf(running)
      return status === 200 && JSON.stringify(storage).includes('change MINIO_ENDPOINT')
    })
    expect(JSON.stringify(await storageOf(running))).not.toContain(String(s3.port))
    expect((await fetch(`${running.url}/blobs/any.mp4`)).status).toBe(404)
    await s3.restart()
    const isThere = async () => JSON.stringify(await storageOf(running)).includes('"ok":true')
    await eventually(isThere, { timeoutMs: 15_000 })
  },
  60_000,
)

test('a server that is no S3 server is told of', async () => {
  const other = createServer((_request, response) => response.end('<html></html>'))
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
  try {
    server = await startServer({
      env: {
        MINIO_ENDPOINT: `http://127.0.0.1:${(other.address() as AddressInfo).port}`,
        MINIO_ACCESS_KEY: 'key',
        MINIO_SECRET_KEY: 'secret',
      },
    })
    const running = server
    await eventually(async () => JSON.stringify(await storageOf(running)).includes('change MINIO_ENDPOINT'))
  } finally {
    other.close()
  }
})
