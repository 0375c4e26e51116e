import { expect, test } from 'vitest'
import { startsKeyFrame } from './key-frame.ts'

const starts = (mimeType: string, ...bytes: number[]) => startsKeyFrame(Buffer.from(bytes), mimeType)

test('VP8: the first packet of a frame that is predicted from none', () => {
  expect(starts('video/VP8', 0x10, 0x00, 0x9d)).toBe(true)
  expect(starts('video/VP8', 0x10, 0x01, 0x9d)).toBe(false)
  // Not the start of the frame, and the start of a later part of it.
  expect(starts('video/VP8', 0x00, 0x00)).toBe(false)
  expect(starts('video/VP8', 0x11, 0x00)).toBe(false)
  // Behind a picture number of one byte, of two, and all that there can be.
  expect(starts('video/VP8', 0x90, 0x80, 0x05, 0x00)).toBe(true)
  expect(starts('video/VP8', 0x90, 0x80, 0x85, 0x01, 0x00)).toBe(true)
  expect(starts('video/VP8', 0x90, 0xe0, 0x85, 0x01, 0x00, 0x20, 0x01)).toBe(false)
  expect(starts('video/VP8', 0x90)).toBe(false)
})

test('H.264: parameters or an instantaneous refresh, alone, among others, or in parts', () => {
  expect(starts('video/H264', 0x67, 0x42)).toBe(true)
  expect(starts('video/H264', 0x65, 0x88)).toBe(true)
  expect(starts('video/H264', 0x41, 0x9a)).toBe(false)
  // The second slice of a picture.
  expect(starts('video/H264', 0x65, 0x10)).toBe(false)
  expect(starts('video/H264', 0x7c, 0x85, 0x10)).toBe(false)
  expect(starts('video/H264', 0x78, 0x00, 0x01, 0x09, 0x00, 0x02, 0x67, 0x42)).toBe(true)
  expect(starts('video/H264', 0x78, 0x00, 0x01, 0x09, 0x00, 0x02, 0x41, 0x9a)).toBe(false)
  expect(starts('video/H264', 0x7c, 0x85, 0x88)).toBe(true)
  expect(starts('video/H264', 0x7c, 0x05, 0x88)).toBe(false)
})

test('VP9: the start of the lowest layer of a frame that is predicted from none', () => {
  expect(starts('video/VP9', 0x08)).toBe(true)
  expect(starts('video/VP9', 0x48)).toBe(false)
  expect(starts('video/VP9', 0x00)).toBe(false)
  expect(starts('video/VP9', 0xa8, 0x81, 0x02, 0x00)).toBe(true)
  expect(starts('video/VP9', 0xa8, 0x01, 0x00)).toBe(true)
  expect(starts('video/VP9', 0xa8, 0x01, 0x02)).toBe(false)
})

test('AV1: the start of a coded video sequence', () => {
  expect(starts('video/AV1', 0x18)).toBe(true)
  expect(starts('video/AV1', 0x10)).toBe(false)
})

test('of other codecs, and of nothing, none is known', () => {
  expect(starts('video/H265', 0x26)).toBe(false)
  expect(starts('video/VP8')).toBe(false)
})
