import { generateKeyPairSync, sign } from 'node:crypto'

const sequence = 0x30
const integer = 0x02
const utcTime = 0x17
const objectId = 0x06
const commonName = '550403'
const subjectAltName = '551d11'
const ecdsaWithSha256 = '2a8648ce3d040302'

interface CertificateOptions {
  /** The one host that it is for. */
  host: string
  notAfter?: Date
}

/** A certificate signed by itself, with its key, both as PEM: valid since two days, until tomorrow unless told. */
export function makeCertificate({ host, notAfter = new Date(Date.now() + 86_400_000) }: CertificateOptions) {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const algorithm = der(sequence, der(objectId, hex(ecdsaWithSha256)))
  const name = der(
    sequence,
    der(0x31, der(sequence, der(objectId, hex(commonName)), der(0x0c, Buffer.from(host)))),
  )
  const altName = der(
    sequence,
    der(objectId, hex(subjectAltName)),
    der(0x04, der(sequence, der(0x82, Buffer.from(host)))),
  )
  const content = der(
    sequence,
    der(0xa0, der(integer, hex('02'))),
    der(integer, hex('01')),
    algorithm,
    name,
    der(sequence, time(new Date(Date.now() - 2 * 86_400_000)), time(notAfter)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, der(sequence, altName)),
  )
  const signature = der(0x03, hex('00'), sign('sha256', content, privateKey))
  const text = der(sequence, content, algorithm, signature).toString('base64')
  return {
    cert: `-----BEGIN CERTIFICATE-----\n${text.replace(/.{64}/g, '$&\n')}\n-----END CERTIFICATE-----\n`,
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
  }
}

const hex = (text: string) => Buffer.from(text, 'hex')

/** One value of ASN.1: its tag, its length, what it holds. */
function der(tag: number, ...parts: Buffer[]): Buffer {
  const content = Buffer.concat(parts)
  const { length } = content
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.from([tag, ...size]), content])
}

const time = (at: Date) =>
  der(
    utcTime,
    Buffer.from(
      `${at
        .toISOString()
        .replace(/[-:T]|\..*/g, '')
        .slice(2)}Z`,
    ),
  )
