import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { hasS3Server, startS3Server } from './s3-server.ts'

if (!hasS3Server()) process.stderr.write('SKIPPED: the S3 server, as there is no versitygw on the PATH\n')

it.skipIf(!hasS3Server())(
  'answers again on the same port after a crash, knows more users than one, and leaves nothing behind',
  async () => {
    const server = await startS3Server()
    const ask = async () => (await fetch(`${server.endpoint}/any-bucket`)).status
    expect(await ask()).toBe(404)
    await server.kill()
    await expect(ask()).rejects.toThrow()
    await server.restart()
    expect(await ask()).toBe(404)
    expect(server.output()).toContain('| 404 |')
    const user = await server.addUser()
    expect(user.accessKey).not.toBe(server.accessKey)
    expect(await readdir(server.directory)).toEqual([])
    await server.stop()
    expect(existsSync(server.directory)).toBe(false)
  },
)
