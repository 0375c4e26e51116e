import { type AmfValue, isAmfObject } from '../amf/value.ts'
import type { Metadata } from './event.ts'

const largestSide = 16_384
const mostFramesPerSecond = 480

/** Reads `@setDataFrame onMetaData {…}`, and `onMetaData {…}` without the wrapper; undefined for all other data. */
export function readMetadata(values: AmfValue[]): Metadata | undefined {
  const [name, ...rest] = values[0] === '@setDataFrame' ? values.slice(1) : values
  const said = rest[0]
  if (name !== 'onMetaData' || !isAmfObject(said)) return undefined
  const metadata: Metadata = { type: 'metadata' }
  const width = within(said.width, largestSide)
  const height = within(said.height, largestSide)
  const framesPerSecond = within(said.framerate ?? said.fps, mostFramesPerSecond)
  if (width) metadata.width = Math.round(width)
  if (height) metadata.height = Math.round(height)
  if (framesPerSecond) metadata.framesPerSecond = framesPerSecond
  if ('videocodecid' in said || 'audiocodecid' in said) {
    metadata.hasVideo = isThere(said.videocodecid)
    metadata.hasAudio = isThere(said.audiocodecid)
  }
  return metadata
}

const within = (value: AmfValue | undefined, most: number) =>
  typeof value === 'number' && value > 0 && value <= most ? value : undefined

/** Some encoders name their codecs by numbers, some by words. */
const isThere = (codec: AmfValue | undefined) =>
  (typeof codec === 'number' && codec > 0) || (typeof codec === 'string' && codec !== '')
