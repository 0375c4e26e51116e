// Codecs by their numbers in FLV (version 10.1, annex E) and by the FourCC of Enhanced RTMP.

const videoNumbers: Record<number, string> = {
  1: 'JPEG',
  2: 'Sorenson H.263',
  3: 'Screen video',
  4: 'VP6',
  5: 'VP6 with alpha',
  6: 'Screen video 2',
  12: 'HEVC',
  13: 'AV1',
}

const audioNumbers: Record<number, string> = {
  0: 'PCM',
  1: 'ADPCM',
  2: 'MP3',
  3: 'PCM',
  4: 'Nellymoser',
  5: 'Nellymoser',
  6: 'Nellymoser',
  7: 'G.711',
  8: 'G.711',
  11: 'Speex',
  13: 'Opus',
  14: 'MP3',
}

const fourCcs: Record<string, string> = {
  hvc1: 'HEVC',
  av01: 'AV1',
  vp08: 'VP8',
  vp09: 'VP9',
  vvc1: 'VVC',
  avc1: 'H.264 by Enhanced RTMP',
  mp4a: 'AAC by Enhanced RTMP',
  Opus: 'Opus',
  fLaC: 'FLAC',
  'ac-3': 'AC-3',
  'ec-3': 'E-AC-3',
  '.mp3': 'MP3',
}

export const videoName = (codec: number) => videoNumbers[codec] ?? `video codec ${codec}`

export const audioName = (codec: number) => audioNumbers[codec] ?? `audio codec ${codec}`

/** A name that is not known is not repeated: it may be anything. */
export const fourCcName = (bytes: Buffer) =>
  fourCcs[bytes.toString('latin1')] ?? 'This codec of Enhanced RTMP'
