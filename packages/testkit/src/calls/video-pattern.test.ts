import { expect, it } from 'vitest'
import { type Colour, colours, hasMoved, look, nameColour, paint } from './video-pattern.ts'

const size = { widthPx: 320, heightPx: 180, framesPerSecond: 15 }

it.each(Object.keys(colours) as Colour[])('knows %s again, under its white block', (colour) => {
  const sight = look(paint(3, { colour, ...size }))
  expect(nameColour(sight)).toBe(colour)
  expect(sight.block?.y).toBeCloseTo(0.5, 1)
})

it('sees the block move from each frame to the next, and a still picture as still', () => {
  const sights = Array.from({ length: 10 }, (_, frame) => look(paint(frame, { colour: 'cyan', ...size })))
  for (const [index, sight] of sights.slice(1).entries())
    expect(hasMoved(sights[index] ?? sight, sight)).toBe(true)
  expect(
    hasMoved(look(paint(1, { colour: 'cyan', ...size })), look(paint(1, { colour: 'cyan', ...size }))),
  ).toBe(false)
})

it('names no colour for grey, and sees no block where there is none', () => {
  const grey = { data: new Uint8Array(320 * 180 * 1.5).fill(128), width: 320, height: 180 }
  const sight = look(grey)
  expect(nameColour(sight)).toBeUndefined()
  expect(sight.block).toBeUndefined()
  expect(hasMoved(sight, look(paint(0, { colour: 'red', ...size })))).toBe(false)
})
