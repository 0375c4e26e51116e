import type { IngressInfo } from '@rtcstack/sdk'

/** What to paste into an encoder, or into a shell, to publish to an endpoint. */
export const howToPublish = (endpoint: IngressInfo): string =>
  (endpoint.inputType === 'WHIP_INPUT' ? byWhip(endpoint) : byRtmp(endpoint)).join('\n')

const byWhip = ({ url, streamKey }: IngressInfo) => [
  'OBS (Settings, Stream):',
  '  Service       WHIP',
  `  Server        ${url}`,
  `  Bearer Token  ${streamKey}`,
  '',
  'GStreamer:',
  '  gst-launch-1.0 videotestsrc is-live=true ! videoconvert ! vp8enc deadline=1 keyframe-max-dist=60 ! rtpvp8pay ! w. \\',
  '    audiotestsrc is-live=true ! opusenc ! rtpopuspay ! w. \\',
  `    whipsink name=w whip-endpoint="${url}" auth-token="${streamKey}"`,
  '',
  'curl, with an offer in a file:',
  `  curl -i ${url} -H "Authorization: Bearer ${streamKey}" -H "Content-Type: application/sdp" --data-binary @offer.sdp`,
]

const byRtmp = ({ url, streamKey }: IngressInfo) => [
  'OBS (Settings, Stream), with a keyframe interval of 2 s and no B-frames:',
  '  Service     Custom',
  `  Server      ${url}`,
  `  Stream Key  ${streamKey}`,
  '',
  'ffmpeg:',
  `  ffmpeg -re -i video.mp4 -c:v libx264 -preset veryfast -tune zerolatency -g 60 -c:a aac -f flv ${url}/${streamKey}`,
]
