const session = (mids: string) => `v=0
o=- 7234837686861205838 1795561981 IN IP4 0.0.0.0
s=-
t=0 0
a=msid-semantic:WMS *
a=fingerprint:sha-256 00:06:C9:97
a=extmap-allow-mixed
a=group:BUNDLE ${mids}
`

const data = `m=application 9 UDP/DTLS/SCTP webrtc-datachannel
c=IN IP4 0.0.0.0
a=setup:actpass
a=mid:0
a=sendrecv
a=sctp-port:5000
a=max-message-size:65535
a=ice-ufrag:CUtfjzHwNZkDdYwv
a=ice-pwd:KOPAalutqFqZnCHFDtdgpZEYBjRWAiVu
`

const audio = `m=audio 9 UDP/TLS/RTP/SAVPF 111 63 0
c=IN IP4 0.0.0.0
a=setup:actpass
a=mid:1
a=ice-ufrag:CUtfjzHwNZkDdYwv
a=ice-pwd:KOPAalutqFqZnCHFDtdgpZEYBjRWAiVu
a=rtcp-mux
a=rtcp-rsize
a=rtpmap:111 opus/48000/2
a=fmtp:111 minptime=10;useinbandfec=1
a=rtpmap:63 red/48000/2
a=fmtp:63 111/111
a=rtpmap:0 PCMU/8000
a=rtcp-fb:0 nack
a=extmap:2 http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time
a=ssrc:3254049813 cname:PA_ada|TR_AMada
a=ssrc:3254049813 msid:PA_ada|TR_AMada TR_AMada
a=msid:PA_ada|TR_AMada TR_AMada
a=sendrecv
`

const video = `m=video 9 UDP/TLS/RTP/SAVPF 96 97 116 117
c=IN IP4 0.0.0.0
a=setup:actpass
a=mid:2
a=ice-ufrag:CUtfjzHwNZkDdYwv
a=ice-pwd:KOPAalutqFqZnCHFDtdgpZEYBjRWAiVu
a=rtcp-mux
a=rtcp-rsize
a=rtpmap:96 VP8/90000
a=rtcp-fb:96 ccm fir
a=rtcp-fb:96 nack
a=rtcp-fb:96 nack pli
a=rtcp-fb:96 goog-remb
a=rtpmap:97 rtx/90000
a=fmtp:97 apt=96
a=rtpmap:116 H265/90000
a=rtcp-fb:116 nack
a=rtpmap:117 rtx/90000
a=fmtp:117 apt=116
a=extmap:1 https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension
a=extmap:3 http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time
a=ssrc-group:FID 2894906485 1350367352
a=ssrc:2894906485 cname:PA_ada|TR_VCada
a=ssrc:2894906485 msid:PA_ada|TR_VCada TR_VCada
a=ssrc:1350367352 cname:PA_ada|TR_VCada
a=ssrc:1350367352 msid:PA_ada|TR_VCada TR_VCada
a=msid:PA_ada|TR_VCada TR_VCada
a=sendrecv
`

const crlf = (text: string) => text.replaceAll('\n', '\r\n')
const inactive = (section: string) =>
  section.replace(/a=(ssrc|msid).*\n/g, '').replace('a=sendrecv', 'a=inactive')

/** Offers of LiveKit 1.13.5, with fewer codecs. */
export const offers = {
  /** Before there is anything to send. */
  first: crlf(session('0') + data),
  /** A microphone and a camera. */
  call: crlf(session('0 1 2') + data + audio + video),
  /** The microphone is gone, and its section waits for another track; the camera's is stopped for good. */
  later: crlf(session('0 1') + data + inactive(audio) + inactive(video).replace('m=video 9', 'm=video 0')),
  /** As `call`, from a LiveKit that estimates what the way to us carries by itself. */
  sendSide: crlf(session('0 1 2') + data + audio + video)
    .replaceAll('goog-remb', 'transport-cc')
    .replace(
      'a=extmap:3 http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time',
      'a=extmap:4 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01',
    ),
}
