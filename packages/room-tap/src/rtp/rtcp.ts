import {
  GenericNack,
  PictureLossIndication,
  ReceiverEstimatedMaxBitrate,
  RtcpPayloadSpecificFeedback,
  RtcpReceiverInfo,
  RtcpRrPacket,
  RtcpTransportLayerFeedback,
} from 'werift'

/** What we are known as in reports; nothing is ever sent from it. */
export const ownSsrc = 1
const mostReports = 31

/** What was received of a stream, for a receiver report (RFC 3550, 6.4.1). */
export interface ReceptionReport {
  ssrc: number
  /** Of 256. */
  fractionLost: number
  packetsLost: number
  highestSequence: number
  jitter: number
  lastReport: number
  /** In units of 1/65536 s. */
  sinceLastReport: number
}

/** Receiver reports on all streams, as many packets as are needed. */
export function writeReceiverReports(reports: ReceptionReport[]): Buffer[] {
  const packets: Buffer[] = []
  for (let at = 0; at < reports.length; at += mostReports) {
    const infos = reports
      .slice(at, at + mostReports)
      .map(
        ({ lastReport, sinceLastReport, ...report }) =>
          new RtcpReceiverInfo({ ...report, lsr: lastReport, dlsr: sinceLastReport }),
      )
    packets.push(new RtcpRrPacket({ ssrc: ownSsrc, reports: infos }).serialize())
  }
  return packets
}

/** Asks for packets again (RFC 4585, 6.2.1). */
export function writeNack(ssrc: number, sequenceNumbers: number[]): Buffer {
  const feedback = new GenericNack({ senderSsrc: ownSsrc, mediaSourceSsrc: ssrc, lost: sequenceNumbers })
  return new RtcpTransportLayerFeedback({ feedback }).serialize()
}

/** Asks for a key frame (RFC 4585, 6.3.1). */
export function writePictureLoss(ssrc: number): Buffer {
  const feedback = new PictureLossIndication({ senderSsrc: ownSsrc, mediaSsrc: ssrc })
  return new RtcpPayloadSpecificFeedback({ feedback }).serialize()
}

/** Says how much the way to us can carry (draft-alvestrand-rmcat-remb-03). */
export function writeEstimate(bitsPerSecond: number, ssrcs: number[]): Buffer {
  // Eighteen bits and a power of two.
  const exponent = Math.max(0, Math.ceil(Math.log2(bitsPerSecond + 1)) - 18)
  const feedback = new ReceiverEstimatedMaxBitrate({
    senderSsrc: ownSsrc,
    mediaSsrc: 0,
    brExp: exponent,
    brMantissa: Math.floor(bitsPerSecond / 2 ** exponent),
    ssrcNum: ssrcs.length,
    ssrcFeedbacks: ssrcs,
  })
  return new RtcpPayloadSpecificFeedback({ feedback }).serialize()
}
