import type { RtmpLimits } from '@rtcstack/rtmp'

/** What the process that takes RTMP is told, over IPC: `listen` first and once, then the rest. */
export type IntakeMessage =
  | {
      type: 'listen'
      /** All addresses unless given. */
      host?: string
      /** 0 takes a free one. */
      port: number
      /** RTMPS beside it; certificate and key in PEM. */
      tls?: { port: number; certificate: string; privateKey: string }
      limits?: Partial<RtmpLimits>
    }
  /** The answer to `authorize` of the same id. */
  | ({ type: 'authorized'; id: number } & Admission)
  /** Ends the publisher of an ingress, and takes its participant out. */
  | { type: 'cut'; ingressId: string }
  /** Ends all of them, and the process. Losing the parent does the same. */
  | { type: 'shutdown' }

export type Admission =
  | { allowed: true; ingressId: string; whip: { url: string; token: string } }
  /** The reason is shown in the encoder. */
  | { allowed: false; reason: string }

/** What it says. Nothing of it holds a key but `authorize`. */
export type IntakeEvent =
  /** Ports that it listens on. */
  | { type: 'listening'; port: number; tlsPort?: number }
  /** It can not listen; the process ends. */
  | { type: 'failed'; detail: string }
  /**
   * Whether this key may publish. It is asked again when LiveKit has lost the participant, and the publisher goes on with the
   * new token; an answer that is another ingress, or none within 10 s, ends it.
   */
  | { type: 'authorize'; id: number; app: string; key: string }
  /** LiveKit has the participant, and media goes to it. Once for each publisher. */
  | { type: 'started'; ingressId: string; video?: VideoInput; audio?: AudioInput }
  /** Each second from then on. */
  | { type: 'stats'; ingressId: string; isTranscoding: boolean; video?: VideoInput; audio?: AudioInput }
  /** After a publisher was allowed, also when it never started; its participant is out, or LiveKit does not answer. */
  | { type: 'stopped'; ingressId: string; reason: StopReason; detail: string }

/** `bitrate` in bits a second, of what comes in; absent in `started`. */
export interface VideoInput {
  codec: 'h264'
  width: number
  height: number
  framesPerSecond: number
  bitrate?: number
}

export interface AudioInput {
  codec: 'aac'
  sampleRateHz: number
  channels: number
  bitrate?: number
}

export type StopReason =
  /** The encoder said that it ends. */
  | 'unpublished'
  /** Its connection was closed or lost. */
  | 'disconnected'
  /** It was silent for too long. */
  | 'timed-out'
  /** It was silent, and another came with its key. */
  | 'taken-over'
  | 'unsupported-codec'
  | 'protocol-error'
  /** It opened a stream, and sent nothing that could be shown or heard. */
  | 'no-media'
  /** By `cut`, or as the key was no longer allowed. */
  | 'cut'
  | 'shutdown'
  /** LiveKit does not take the participant. */
  | 'livekit-failed'
  /** ffmpeg failed, or could not keep up. */
  | 'media-failed'
