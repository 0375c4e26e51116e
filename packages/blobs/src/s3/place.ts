import { ListObjectsV2Command } from '@aws-sdk/client-s3'
import { type RetryLimits, type RetryPolicy, retrying } from '../retry.ts'
import type { S3Clients } from './client.ts'

/** A bucket, and how it is talked to. */
export interface S3Place {
  bucket: string
  clients: S3Clients
  /** Content over this is stored in parts of it. */
  partSizeBytes: number
  /** How long nothing may come or go while content is under way. */
  idleTimeoutMs: number
  /** How long a small request may take. */
  answerTimeoutMs: number
  policy: RetryPolicy
}

// For what somebody waits for: about two seconds, besides what the server takes.
const shortTries = 4

type Send<T> = (options: SendOptions) => Promise<T>

export interface SendOptions {
  abortSignal?: AbortSignal
  requestTimeout?: number
}

/** Makes a small request, again while what hinders it may pass; a few times unless told. */
export const request = <T>(
  place: S3Place,
  send: Send<T>,
  { signal, tries = shortTries }: RetryLimits = {},
): Promise<T> => {
  const options = { requestTimeout: place.answerTimeoutMs, ...(signal && { abortSignal: signal }) }
  return retrying(() => send(options), place.policy, { signal, tries })
}

/** Makes a request that may take long until it is done, the signal aborts or there is no hope. */
export const requestUntilDone = <T>(
  place: S3Place,
  send: Send<T>,
  signal: AbortSignal | undefined,
): Promise<T> => retrying(() => send(signal ? { abortSignal: signal } : {}), place.policy, { signal })

/**
 * The same for a request with content. After a failure something small is asked first: that spares the content while
 * the server is away, and hears of a refusal, which is lost with the connection when a server does not read what comes.
 */
export function sendUntilDone<T>(place: S3Place, send: Send<T>, signal: AbortSignal | undefined): Promise<T> {
  let isRepeated = false
  const sendOrAsk: Send<T> = async (options) => {
    if (isRepeated) await look(place, options)
    isRepeated = true
    return send(options)
  }
  return requestUntilDone(place, sendOrAsk, signal)
}

/** Asks for as little as can be asked. Unlike a HEAD, this is refused with a reason. */
export const look = (place: S3Place, options: SendOptions) =>
  place.clients.exchange.send(new ListObjectsV2Command({ Bucket: place.bucket, MaxKeys: 1 }), {
    requestTimeout: place.answerTimeoutMs,
    ...options,
  })
