import { BlobStoreError, BlobStoreFullError } from '../errors.ts'
import type { S3Settings } from './settings.ts'

/** What an S3 client throws: an answer of the server, or a fault of the network. */
interface S3Fault extends Error {
  /** Of the network. */
  code?: string
  /** Of the server's answer. */
  $metadata?: { httpStatusCode?: number }
}

const networkCodes =
  /^(ECONNREFUSED|ECONNRESET|ECONNABORTED|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENETDOWN|ENOTFOUND|EAI_AGAIN|HPE_\w+|ERR_STREAM_PREMATURE_CLOSE)$/
// The server refused what did not reach it as it was sent, or our clock, which the client then corrects.
const passingNames =
  /^(TimeoutError|XAmzContentSHA256Mismatch|BadDigest|IncompleteBody|RequestTimeout|RequestTimeTooSkewed|OperationAborted|SlowDown)$/

export const statusOf = (error: unknown): number | undefined => (error as S3Fault).$metadata?.httpStatusCode

/** There is no such blob. */
export const isAbsence = (error: unknown): boolean =>
  ['NoSuchKey', 'NotFound'].includes((error as S3Fault).name)

/** The server knows nothing of the upload, any more or already: it is ended too when the answer to its end is lost. */
export const isLostUpload = (error: unknown): boolean => (error as S3Fault).name === 'NoSuchUpload'

const isFull = (error: unknown) =>
  statusOf(error) === 507 || /^(XMinioStorageFull|QuotaExceeded)$/.test((error as S3Fault).name)

/** Whether the same request may succeed later, with nothing changed here. */
export function isPassing(error: unknown): boolean {
  const { name, code = '' } = error as S3Fault
  const status = statusOf(error) ?? 0
  if (isFull(error) || name === 'NotImplemented') return false
  return (
    status >= 500 || status === 408 || status === 429 || passingNames.test(name) || networkCodes.test(code)
  )
}

type Advice = [setting: keyof S3Settings | undefined, what: string]

const adviceByName: Record<string, Advice> = {
  InvalidAccessKeyId: ['accessKey', 'the server does not know this access key'],
  SignatureDoesNotMatch: ['secretKey', 'this is not the secret key of this access key'],
  AccessDenied: [
    'bucket',
    'these keys do not have the rights that are needed in this bucket, or it is somebody else’s',
  ],
  AllAccessDisabled: ['bucket', 'the server has closed this bucket'],
  BucketAlreadyExists: ['bucket', 'somebody else has a bucket of this name'],
  InvalidBucketName: ['bucket', 'no bucket can have this name'],
  NoSuchBucket: ['bucket', 'there is no such bucket'],
  AuthorizationHeaderMalformed: ['region', 'the server is of another region'],
  IllegalLocationConstraintException: ['region', 'the server is of another region'],
  InvalidLocationConstraint: ['region', 'the server has no such region'],
  PermanentRedirect: ['region', 'the bucket is in another region'],
  RequestTimeTooSkewed: [undefined, 'the clocks of this machine and of the server differ; set them'],
  TimeoutError: ['endpoint', 'the server gives no answer'],
}

const adviceByCode: [code: RegExp, Advice][] = [
  [/^(ENOTFOUND|EAI_AGAIN)$/, ['endpoint', 'there is no such host']],
  [/^ECONNREFUSED$/, ['endpoint', 'no server listens there']],
  [/^(EHOSTUNREACH|ENETUNREACH|ETIMEDOUT)$/, ['endpoint', 'the server cannot be reached']],
  [/CERT|SIGNED|ISSUER/, ['endpoint', 'the certificate of the server is not trusted']],
  [/^(EPROTO|ERR_SSL_\w+|HPE_\w+)$/, ['endpoint', 'the server speaks otherwise; is it https or http?']],
]

/** What the client calls an answer that it cannot read. */
const unreadableNames = /^(Error|Unknown|NotFound)$/

function adviceFor({ name, message, code = '' }: S3Fault, status: number | undefined): Advice {
  if (status !== undefined && unreadableNames.test(name))
    return status < 500
      ? ['endpoint', 'what answers there is no S3 server']
      : [undefined, 'the server, or a proxy before it, fails']
  const byCode = adviceByCode.find(([pattern]) => pattern.test(code))?.[1]
  return adviceByName[name] ?? byCode ?? [undefined, message]
}

/** The fault as an error that says what to change. Errors that are not of a server or of the network stay as they are. */
export function explain(error: unknown, place: string): unknown {
  // The reason of an abort signal, which may be called a TimeoutError too.
  if (error instanceof DOMException) return error
  if (isFull(error)) return new BlobStoreFullError(`${place} is full`)
  const fault = error as S3Fault
  const status = statusOf(error)
  const [setting, what] = adviceFor(fault, status)
  if (status === undefined && setting === undefined && !networkCodes.test(fault.code ?? '')) return error
  const answer = [status, fault.code ?? fault.name].filter(Boolean).join(' ')
  const change = setting ? `; change ${setting}` : ''
  // What the client throws for an answer has the request with it, signature and all.
  const cause = status === undefined ? error : undefined
  return new BlobStoreError(`${place}: ${what} (${answer})${change}`, { setting, cause })
}
