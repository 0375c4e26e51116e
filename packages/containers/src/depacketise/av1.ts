import { readAv1Sequence } from '../bitstream/av1-sequence.ts'
import { type Av1Unit, av1Types, isAv1KeyFrame, joinAv1Units, readAv1Unit } from '../bitstream/av1-unit.ts'
import { readLeb128 } from '../bitstream/leb128.ts'
import { type Assembly, createFrameCollector } from './frame-collector.ts'

/** Temporal delimiters, tile lists and padding are not for a Matroska block; unknown types are to be passed over. */
const keptTypes = new Set([1, 3, 4, 5, 6, 7])

/**
 * With spatial layers a block has its delimiter all the same: where the top layer was not forwarded, a decoder waits for it
 * until the next delimiter says that it does not come, and dav1d waits for ever.
 */
const delimiter: Av1Unit = {
  type: av1Types.delimiter,
  header: Buffer.from([av1Types.delimiter << 3]),
  payload: Buffer.alloc(0),
}

/** AV1 in RTP (the Alliance's specification, version 1.0): what has one time stamp is one temporal unit, all layers in it. */
export function createAv1Depacketiser() {
  let isLayered = false

  function assemble(payloads: Buffer[]): Assembly {
    const units = collectUnits(payloads)
    const frame = units?.find(({ type }) => type === av1Types.frame || type === av1Types.frameHeader)
    if (!units) return 'broken'
    if (!frame) return 'nothing'
    const header = units.find(({ type }) => type === av1Types.sequence)
    const sequence = header && readAv1Sequence(header)
    if (header && !sequence) return 'broken'
    isLayered = sequence?.isLayered ?? isLayered
    const data = joinAv1Units(isLayered ? [delimiter, ...units] : units)
    if (!sequence || !isAv1KeyFrame(frame, sequence.isReducedStillPicture)) return { isKey: false, data }
    const { width, height, format } = sequence
    return { isKey: true, data, width, height, format }
  }

  return createFrameCollector({
    startsFrame: ([aggregation = 0]) => (aggregation & 0x88) === 0x08,
    assemble,
  })
}

/** The units of one temporal unit that a file keeps; undefined when one is missing or malformed. */
function collectUnits(payloads: Buffer[]): Av1Unit[] | undefined {
  const units: Av1Unit[] = []
  for (const element of collectElements(payloads) ?? [Buffer.alloc(0)]) {
    const unit = readAv1Unit(element)
    if (!unit) return undefined
    if (keptTypes.has(unit.type)) units.push(unit)
  }
  return units
}

/** The elements of one temporal unit, fragments joined; undefined when one is missing or a length is wrong. */
function collectElements(payloads: Buffer[]): Buffer[] | undefined {
  const whole: Buffer[] = []
  let fragments: Buffer[] = []
  for (const payload of payloads) {
    const elements = splitPayload(payload)
    if (!elements) return undefined
    const [aggregation = 0] = payload
    const continues = (aggregation & 0x80) !== 0
    const isContinued = (aggregation & 0x40) !== 0
    if (continues !== fragments.length > 0) return undefined
    for (const [index, element] of elements.entries()) {
      fragments.push(element)
      if (isContinued && index === elements.length - 1) break
      whole.push(Buffer.concat(fragments))
      fragments = []
    }
  }
  return fragments.length === 0 ? whole.filter((element) => element.length > 0) : undefined
}

/** The elements of a payload; the last one has no length when the aggregation header counts them. */
function splitPayload(payload: Buffer): Buffer[] | undefined {
  const count = ((payload[0] ?? 0) >> 4) & 3
  const elements: Buffer[] = []
  let at = 1
  while (at < payload.length) {
    const isLast = elements.length + 1 === count
    const length = isLast ? { value: payload.length - at, end: at } : readLeb128(payload, at)
    if (!length || length.end + length.value > payload.length) return undefined
    at = length.end + length.value
    elements.push(payload.subarray(length.end, at))
  }
  return elements.length > 0 && (count === 0 || elements.length === count) ? elements : undefined
}
