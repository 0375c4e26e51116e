import {
  IceCandidate,
  ProtectionProfileAeadAes128Gcm,
  RTCDtlsFingerprint,
  RTCDtlsParameters,
  RTCDtlsTransport,
  RTCIceParameters,
  RTCSctpTransport,
  type RtcpPacket,
  RtcpPacketConverter,
} from 'werift'
import { wallClockMs } from '../clock.ts'
import { createSrtpReceiver } from '../rtp/srtp.ts'
import { writeAnswer } from './answer.ts'
import { createIce } from './ice.ts'
import type { Offer } from './offer.ts'

export interface TransportListener {
  /** A decrypted packet; the buffer is the listener's. */
  rtp(packet: Buffer, arrivedAtMs: number): void
  rtcp(packet: RtcpPacket, arrivedAtMs: number): void
  connected(): void
  /** Once, and nothing after it. */
  failed(reason: string): void
}

/** The connection that LiveKit sends media on: ICE, DTLS, SRTP. One offer at a time. */
export interface SubscriberTransport {
  /** Takes an offer, the first or a later one, and resolves to the answer; connects, or reconnects, meanwhile. */
  answer(offer: Offer): Promise<string>
  /** A candidate of LiveKit's, as RTCIceCandidateInit has it. */
  addCandidate(candidate: { candidate: string; sdpMid: string; sdpMLineIndex: number }): Promise<void>
  /** Lost until it is connected. */
  sendRtcp(packet: Buffer): void
  close(): Promise<void>
}

const connectLimitMs = 15_000

export async function openTransport(listener: TransportListener): Promise<SubscriberTransport> {
  const { transport: ice, gather } = createIce()
  const certificate = await RTCDtlsTransport.SetupCertificate()
  const dtls = new RTCDtlsTransport({}, ice, certificate, [ProtectionProfileAeadAes128Gcm])
  dtls.role = 'client'
  // werift would decrypt once more what is decrypted here.
  dtls.srtpStarted = true
  // LiveKit goes on to media only when its data channels are open; what comes on them is not for a tap.
  const sctp = new RTCSctpTransport()
  sctp.setDtlsTransport(dtls)
  let openRtp: ((packet: Buffer) => Buffer | undefined) | undefined
  let isOver = false

  const fail = (reason: string) => {
    if (isOver) return
    isOver = true
    listener.failed(reason)
  }
  const limit = setTimeout(() => fail('the media connection took too long'), connectLimitMs)

  ice.connection.onData.subscribe((data) => {
    if (isOver || !openRtp || !isMedia(data)) return
    const arrivedAtMs = wallClockMs()
    if (isRtcp(data)) {
      for (const packet of openRtcp(dtls, data)) listener.rtcp(packet, arrivedAtMs)
      return
    }
    const packet = openRtp(data)
    if (packet) listener.rtp(packet, arrivedAtMs)
  })
  ice.onStateChange.subscribe((state) => {
    if (state === 'failed') fail('the media connection was lost')
  })
  dtls.onStateChange.subscribe((state) => {
    if (state === 'failed' || state === 'closed') fail(`the media connection was ${state}`)
  })

  const connect = async (sctpPort: number | undefined) => {
    await ice.start()
    if (dtls.state !== 'new') return
    await dtls.start()
    dtls.updateSrtpSession()
    const keys = dtls.dtls?.extractSessionKeys(16, 12)
    if (!keys) throw new Error('DTLS agreed on no keys')
    openRtp = createSrtpReceiver({ masterKey: keys.remoteKey, masterSalt: keys.remoteSalt })
    clearTimeout(limit)
    if (!isOver) listener.connected()
    if (sctpPort !== undefined) await sctp.start(sctpPort)
  }

  return {
    answer: async (offer) => {
      const { iceUsername: usernameFragment, icePassword: password, isIceLite: iceLite, fingerprints } = offer
      const isNew = ice.getRemoteParameters()?.usernameFragment !== usernameFragment
      // With other credentials than before this restarts ICE, while DTLS and the streams go on.
      ice.setRemoteParams(new RTCIceParameters({ iceLite, usernameFragment, password }))
      ice.connection.iceControlling = iceLite
      if (dtls.state === 'new') {
        const trusted = fingerprints.map(({ algorithm, value }) => new RTCDtlsFingerprint(algorithm, value))
        dtls.setRemoteParams(new RTCDtlsParameters(trusted, 'server'))
      }
      const candidates = await gather()
      const [fingerprint = new RTCDtlsFingerprint('', '')] = certificate.getFingerprints()
      const local = ice.localParameters
      const sctpPort = offer.media.find((media) => media.sctpPort !== undefined)?.sctpPort
      if (isNew) connect(sctpPort).catch((error: Error) => fail(error.message))
      return writeAnswer(offer, {
        iceUsername: local.usernameFragment,
        icePassword: local.password,
        fingerprint,
        candidates,
      })
    },
    addCandidate: async (init) => {
      const candidate = init.candidate === '' ? undefined : IceCandidate.fromJSON(init)
      if (candidate) await ice.addRemoteCandidate(candidate)
    },
    sendRtcp: (packet) => {
      if (!isOver && openRtp) ice.connection.send(dtls.srtcp.encrypt(packet)).catch(() => undefined)
    },
    close: async () => {
      isOver = true
      clearTimeout(limit)
      await sctp.stop().catch(() => undefined)
      dtls.dtls?.close()
      await dtls.stop().catch(() => undefined)
    },
  }
}

const isMedia = (data: Buffer) => (data[0] ?? 0) >= 128 && (data[0] ?? 0) < 192
const isRtcp = (data: Buffer) => (data[1] ?? 0) >= 192 && (data[1] ?? 0) <= 208

function openRtcp(dtls: RTCDtlsTransport, data: Buffer): RtcpPacket[] {
  try {
    return RtcpPacketConverter.deSerialize(dtls.srtcp.decrypt(data))
  } catch {
    // What is not authentic or no RTCP is nobody's.
    return []
  }
}
