import {
  type ReferenceSizes,
  readVp9Header,
  referencesAfter,
  type Vp9Header,
} from '../bitstream/vp9-header.ts'
import { hideVp9Frame } from '../bitstream/vp9-hiding.ts'
import { joinVp9Superframe } from '../bitstream/vp9-superframe.ts'
import { type Assembly, createFrameCollector } from './frame-collector.ts'
import { readVp9Descriptor } from './vp9-descriptor.ts'

/** VP9 in RTP (RFC 9628), in flexible and non-flexible mode; the spatial layers of a picture become one superframe. */
export function createVp9Depacketiser() {
  let references: ReferenceSizes = []

  return createFrameCollector({
    startsFrame(payload) {
      const descriptor = readVp9Descriptor(payload)
      return descriptor?.spatialLayer === 0 && descriptor.startsLayer
    },
    assemble(payloads): Assembly {
      const layers = collectLayers(payloads)
      if (!layers) return 'broken'
      const headers: (Vp9Header | undefined)[] = []
      for (const layer of layers) {
        const header = readVp9Header(layer, references)
        if (header) references = referencesAfter(references, header)
        headers.push(header)
      }
      const data = joinVp9Superframe(hideLower(layers, headers))
      if (!data) return 'broken'
      const top = headers.at(-1)
      const size = top && { width: top.width, height: top.height }
      const format = headers[0]?.format
      if (!format) return { isKey: false, data, ...size }
      return size ? { isKey: true, data, ...size, format } : 'broken'
    },
  })
}

/** The frame of each spatial layer, from the lowest; undefined when a part is missing or out of place. */
function collectLayers(payloads: Buffer[]): Buffer[] | undefined {
  const layers: Buffer[] = []
  let parts: Buffer[] = []
  let lastLayer = -1
  for (const payload of payloads) {
    const descriptor = readVp9Descriptor(payload)
    if (!descriptor || descriptor.startsLayer !== (parts.length === 0)) return undefined
    if (descriptor.startsLayer ? descriptor.spatialLayer <= lastLayer : descriptor.spatialLayer !== lastLayer)
      return undefined
    lastLayer = descriptor.spatialLayer
    parts.push(payload.subarray(descriptor.length))
    if (descriptor.endsLayer) {
      layers.push(Buffer.concat(parts))
      parts = []
    }
  }
  return parts.length === 0 ? layers : undefined
}

/** Of the layers of a picture only the highest is to be seen. */
const hideLower = (layers: Buffer[], headers: (Vp9Header | undefined)[]): Buffer[] =>
  layers.map((layer, index) => {
    const header = headers[index]
    const above = headers[index + 1]
    const isSafe =
      header?.isShown && above && (above.width !== header.width || above.height !== header.height)
    return isSafe ? hideVp9Frame(layer, header) : layer
  })
