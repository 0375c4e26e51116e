import { spawnSync } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { aac, h264, sceneInput, startEncoder } from './testing/encoder.ts'
import { publisher, setStage } from './testing/stage.ts'

const hasOpenssl = spawnSync('openssl', ['version']).status === 0
if (!hasOpenssl) process.stderr.write('SKIPPED: RTMPS, as there is no openssl to make a certificate\n')

/** A certificate that nobody has signed, for a day. */
async function makeCertificate(): Promise<{ certificate: string; privateKey: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'rtmps-'))
  const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')]
  const subject = ['-subj', '/CN=localhost', '-days', '1']
  const request = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', key, '-out', certificate]
  spawnSync('openssl', [...request, ...subject])
  try {
    return { certificate: await readFile(certificate, 'utf8'), privateKey: await readFile(key, 'utf8') }
  } finally {
    await rm(folder, { recursive: true })
  }
}

test.skipIf(!hasOpenssl)('RTMPS is taken beside RTMP', { timeout: 60_000 }, async () => {
  await using stage = await setStage({ tls: await makeCertificate() })
  const caller = await stage.join()
  const url = `rtmps://127.0.0.1:${stage.intake.tlsPort}/live/${stage.key}`
  await using _encoder = startEncoder([...sceneInput(), ...h264(), ...aac], url)
  await caller.sees(publisher, { colour: 'red' })
  await caller.hears(publisher, { toneHz: 440 })
  const plain = `rtmp://127.0.0.1:${stage.intake.tlsPort}/live/${stage.key}`
  await using refused = startEncoder([...sceneInput(), ...h264(), ...aac], plain)
  expect(await refused.ended).not.toBe('')
})
