import type { Chroma, VideoCodec, VideoFormat } from '../frame.ts'
import { element, ids, openElement } from './ebml.ts'

export interface VideoTrack {
  codec: VideoCodec
  width: number
  height: number
  format: VideoFormat
}

const codecIds: Record<VideoCodec, string> = {
  vp8: 'V_VP8',
  vp9: 'V_VP9',
  h264: 'V_MPEG4/ISO/AVC',
  av1: 'V_AV1',
}
export const trackNumber = 1
const videoType = 1
const progressive = 2
const nanosecondsPerMs = 1_000_000
const application = 'RTCstack'

/** All that stands before the first cluster. WebM is Matroska with the codecs that browsers play; H.264 is not among them. */
export function matroskaHeader(track: VideoTrack): Buffer {
  return Buffer.concat([
    element(ids.ebml, [
      element(ids.ebmlVersion, 1),
      element(ids.ebmlReadVersion, 1),
      element(ids.ebmlMaxIdLength, 4),
      element(ids.ebmlMaxSizeLength, 8),
      element(ids.docType, track.codec === 'h264' ? 'matroska' : 'webm'),
      element(ids.docTypeVersion, 4),
      element(ids.docTypeReadVersion, 2),
    ]),
    openElement(ids.segment),
    element(ids.info, [
      element(ids.timestampScale, nanosecondsPerMs),
      element(ids.muxingApp, application),
      element(ids.writingApp, application),
    ]),
    element(ids.tracks, [trackEntry(track)]),
  ])
}

const trackEntry = ({ codec, width, height, format }: VideoTrack) =>
  element(ids.trackEntry, [
    element(ids.trackNumber, trackNumber),
    element(ids.trackUid, trackNumber),
    element(ids.trackType, videoType),
    element(ids.flagLacing, 0),
    element(ids.language, 'und'),
    element(ids.codecId, codecIds[codec]),
    ...(format.codecPrivate ? [element(ids.codecPrivate, format.codecPrivate)] : []),
    element(ids.video, [
      element(ids.pixelWidth, width),
      element(ids.pixelHeight, height),
      element(ids.flagInterlaced, progressive),
      element(ids.colour, colourElements(format)),
    ]),
  ])

function colourElements({ chroma, bitDepth, colour }: VideoFormat): Buffer[] {
  const [across, down] = subsampling[chroma]
  const stated: [number, number | undefined][] = [
    [ids.bitsPerChannel, bitDepth],
    [ids.chromaSubsamplingHorizontal, across],
    [ids.chromaSubsamplingVertical, down],
    [ids.matrixCoefficients, colour?.matrix],
    [ids.transferCharacteristics, colour?.transfer],
    [ids.primaries, colour?.primaries],
    [ids.range, colour && (colour.isFullRange ? 2 : 1)],
  ]
  return stated.flatMap(([id, value]) => (value === undefined ? [] : [element(id, value)]))
}

/** How often the chroma samples are halved, across and down. */
const subsampling: Record<Chroma, [number, number]> = {
  '4:0:0': [1, 1],
  '4:2:0': [1, 1],
  '4:2:2': [1, 0],
  '4:4:0': [0, 1],
  '4:4:4': [0, 0],
}
