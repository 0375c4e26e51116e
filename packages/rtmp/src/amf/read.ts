import { ProtocolError } from '../protocol-error.ts'
import { type AmfObject, type AmfValue, markers } from './value.ts'

const deepest = 8
const mostValues = 512

/** Reads all values of an AMF0 payload. Throws a ProtocolError when it is cut short, nested too deep or has too many. */
export function readAmf(bytes: Buffer): AmfValue[] {
  let at = 0
  let values = 0

  function take(count: number): Buffer {
    if (at + count > bytes.length) throw new ProtocolError('AMF is cut short')
    at += count
    return bytes.subarray(at - count, at)
  }

  function text(lengthBytes: 2 | 4): string {
    return take(take(lengthBytes).readUIntBE(0, lengthBytes)).toString('utf8')
  }

  function object(depth: number): AmfObject {
    const members: AmfObject = Object.create(null)
    for (;;) {
      const name = text(2)
      if (name === '' && bytes[at] === markers.objectEnd) {
        at++
        return members
      }
      members[name] = value(depth + 1)
    }
  }

  function array(depth: number): AmfValue[] {
    const length = take(4).readUInt32BE(0)
    if (length > mostValues) throw new ProtocolError('AMF has too many values')
    return Array.from({ length }, () => value(depth + 1))
  }

  function value(depth: number): AmfValue {
    if (depth > deepest) throw new ProtocolError('AMF is nested too deep')
    if (++values > mostValues) throw new ProtocolError('AMF has too many values')
    switch (take(1)[0]) {
      case markers.number:
        return take(8).readDoubleBE(0)
      case markers.boolean:
        return take(1)[0] !== 0
      case markers.string:
        return text(2)
      case markers.longString:
        return text(4)
      case markers.object:
        return object(depth)
      case markers.namedArray:
        // The count is a hint; the end is marked.
        take(4)
        return object(depth)
      case markers.typedObject:
        text(2)
        return object(depth)
      case markers.array:
        return array(depth)
      case markers.date:
        return take(10).readDoubleBE(0)
      case markers.null:
      case markers.undefined:
        return null
      default:
        throw new ProtocolError('AMF has a value of no known kind')
    }
  }

  const all: AmfValue[] = []
  while (at < bytes.length) all.push(value(0))
  return all
}
