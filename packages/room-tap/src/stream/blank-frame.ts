// What LiveKit sends of its own accord to clear a receiver's decoder: a second of silence when audio is muted, pictures
// of a few pixels when a video track ends (pkg/sfu/downtrack.go). Nobody said or showed that, so it is not recorded.
const opusSilence = Buffer.concat([Buffer.from('f8fffe', 'hex'), Buffer.alloc(77)])
const vp8Picture = Buffer.from('1002009d012a080008000047088585888584880202000c0d6000feffab5080', 'hex')
/** One packet of three parts: parameters of the sequence, of the picture, and the picture, each with its length. */
const h264Picture = Buffer.from(
  `18${'0018'}${'6742c01f0fd91f8888840000030004000003'}${'00c83c60c920'}` +
    `${'0006'}${'6887cb83cb20'}${'000a'}${'6588840af2628000a7be'}`,
  'hex',
)

/** Whether LiveKit made this packet, and not a participant. */
export function isBlankFrame(payload: Buffer, mimeType: string): boolean {
  switch (mimeType) {
    case 'audio/opus':
      return payload.equals(opusSilence)
    case 'video/VP8':
      // Behind a descriptor of one to six bytes.
      return (
        payload.length <= vp8Picture.length + 6 && payload.subarray(-vp8Picture.length).equals(vp8Picture)
      )
    case 'video/H264':
      return payload.equals(h264Picture)
    default:
      return false
  }
}
