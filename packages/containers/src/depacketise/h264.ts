import { isSlice, joinUnits, readSliceHead, typeOf, unitTypes } from '../bitstream/h264-units.ts'
import { type Assembly, createFrameCollector } from './frame-collector.ts'
import { createH264Parameters } from './h264-parameters.ts'
import { readH264Payload } from './h264-payload.ts'

/**
 * H.264 in RTP (RFC 6184): single units, STAP-A and FU-A. Each key frame has its parameter sets before it, also where the
 * stream gave them only once, so that a file plays from any of them, and through any change of size.
 */
export function createH264Depacketiser() {
  const parameters = createH264Parameters()

  function assemble(payloads: Buffer[]): Assembly {
    const units = collectUnits(payloads)
    if (!units) return 'broken'
    const slices = units.filter(isSlice)
    const [first] = slices
    if (!first) return 'nothing'
    if (!readSliceHead(first)?.isFirst) return 'broken'
    const key = slices.find((unit) => typeOf(unit) === unitTypes.keySlice)
    if (!key) return { isKey: false, data: joinUnits(units) }
    const needed = parameters.of(key)
    if (!needed) return 'broken'
    const isParameterSet = (unit: Buffer) =>
      typeOf(unit) === unitTypes.sequence || typeOf(unit) === unitTypes.picture
    const { width, height, format } = needed
    const rest = units.filter((unit) => !isParameterSet(unit))
    return { isKey: true, data: joinUnits([...needed.units, ...rest]), width, height, format }
  }

  return createFrameCollector({
    startsFrame(payload) {
      const content = readH264Payload(payload)
      const first = content?.kind === 'units' ? typeOf(content.units[0] as Buffer) : 0
      return first === unitTypes.sequence || first === unitTypes.delimiter
    },
    observe(payload) {
      const content = readH264Payload(payload)
      if (content?.kind === 'units') for (const unit of content.units) parameters.keep(unit)
    },
    assemble,
  })
}

/** The units of one picture; undefined when a fragment is missing or a payload malformed. */
function collectUnits(payloads: Buffer[]): Buffer[] | undefined {
  const units: Buffer[] = []
  let fragments: Buffer[] = []
  for (const payload of payloads) {
    const content = readH264Payload(payload)
    if (content?.kind === 'units' && fragments.length === 0) units.push(...content.units)
    else if (content?.kind === 'fragment' && content.isStart === (fragments.length === 0)) {
      if (content.isStart) fragments.push(Buffer.from([content.header]))
      fragments.push(content.bytes)
      if (content.isEnd) {
        units.push(Buffer.concat(fragments))
        fragments = []
      }
    } else return undefined
  }
  if (fragments.length > 0) return undefined
  // Delimiters and filling say nothing in a file that has its own framing.
  return units.filter((unit) => typeOf(unit) !== unitTypes.delimiter && typeOf(unit) !== unitTypes.filler)
}
