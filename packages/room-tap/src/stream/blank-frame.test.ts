import { expect, test } from 'vitest'
import { isBlankFrame } from './blank-frame.ts'

// As LiveKit 1.13.5 sends them.
const vp8 = '1002009d012a080008000047088585888584880202000c0d6000feffab5080'
const h264 =
  '1800186742c01f0fd91f8888840000030004000003' + '00c83c60c92000066887cb83cb20000a6588840af2628000a7be'

test('what LiveKit makes is told from what participants send', () => {
  const silence = Buffer.concat([Buffer.from('f8fffe', 'hex'), Buffer.alloc(77)])
  expect(isBlankFrame(silence, 'audio/opus')).toBe(true)
  expect(isBlankFrame(Buffer.from('f8fffe', 'hex'), 'audio/opus')).toBe(false)
  expect(isBlankFrame(Buffer.from(`9080e1a5${vp8}`, 'hex'), 'video/VP8')).toBe(true)
  expect(isBlankFrame(Buffer.from(`90${vp8.replace('0800080', '4001b40')}`, 'hex'), 'video/VP8')).toBe(false)
  expect(isBlankFrame(Buffer.from(h264, 'hex'), 'video/H264')).toBe(true)
  expect(isBlankFrame(Buffer.from(h264, 'hex'), 'video/AV1')).toBe(false)
})
