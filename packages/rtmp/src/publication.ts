import type { MediaEvent } from './media/event.ts'

/** Says who may publish. The text of a refusal is shown to whoever set the encoder up. */
export type Authorize = (request: PublishRequest) => Promise<Authorization>

export interface PublishRequest {
  /** `live` of `rtmp://host/live`. */
  app: string
  /** A secret. */
  key: string
  /** Aborts when the connection is gone before the answer. */
  signal: AbortSignal
}

export type Authorization =
  | { allowed: true; begin(publication: Publication): PublicationListener }
  | { allowed: false; reason: string }

/** A stream that comes in. */
export interface Publication {
  /** Time since its last byte; 0 while we do not read. */
  readonly silentMs: number
  /** Stops reading until `resume`, so that the encoder waits. */
  pause(): void
  resume(): void
  /** Ends it; the encoder is told why. */
  cut(description: string): void
}

export interface PublicationListener {
  take(event: MediaEvent): void
  /** Once; nothing comes after it. */
  ended(reason: PublicationEnd, detail: string): void
}

export type PublicationEnd =
  | 'unpublished'
  /** The connection was closed or lost. */
  | 'disconnected'
  /** Nothing came for longer than the limit. */
  | 'timed-out'
  | 'unsupported-codec'
  | 'protocol-error'
  /** From our side. */
  | 'cut'
