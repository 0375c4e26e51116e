import fc from 'fast-check'
import { expect, test } from 'vitest'
import { gap, gridOf, type Rectangle, type Size, stageOf } from './layout.ts'

const hd = { width: 1280, height: 720 }
const canvases = fc.record({
  width: fc.integer({ min: 160, max: 960 }).map((half) => half * 2),
  height: fc.integer({ min: 120, max: 540 }).map((half) => half * 2),
})
const counts = fc.integer({ min: 1, max: 17 })

function expectSound(rectangles: Rectangle[], count: number, canvas: Size): void {
  expect(rectangles).toHaveLength(count)
  for (const [index, one] of rectangles.entries()) {
    expect(one.width).toBeGreaterThan(0)
    expect(one.width % 16).toBe(0)
    expect(one.height).toBeGreaterThan(0)
    for (const length of [one.x, one.y, one.height]) expect(length % 2).toBe(0)
    expect(one.x >= 0 && one.x + one.width <= canvas.width).toBe(true)
    expect(one.y >= 0 && one.y + one.height <= canvas.height).toBe(true)
    for (const other of rectangles.slice(index + 1)) expect(isApart(one, other)).toBe(true)
  }
}

const isApart = (one: Rectangle, other: Rectangle) =>
  one.x + one.width + gap <= other.x ||
  other.x + other.width + gap <= one.x ||
  one.y + one.height + gap <= other.y ||
  other.y + other.height + gap <= one.y

test('tiles of a grid stay inside, apart, even and as wide as scalers need, on any canvas', () => {
  fc.assert(
    fc.property(counts, canvases, (count, canvas) => expectSound(gridOf(count, canvas), count, canvas)),
  )
})

test('a stage and its strip stay inside, apart, even and as wide as scalers need, on any canvas', () => {
  fc.assert(
    fc.property(counts, canvases, (count, canvas) => expectSound(stageOf(count, canvas), count, canvas)),
  )
})

test('one tile takes the whole canvas', () => {
  expect(gridOf(1, hd)).toEqual([{ x: 0, y: 0, ...hd }])
  expect(stageOf(1, hd)).toEqual([{ x: 0, y: 0, ...hd }])
})

test('the tiles of a grid keep the shape of cameras and are as large as the count lets them be', () => {
  const widths = [2, 4, 5, 9, 10, 16].map((count) => gridOf(count, hd)[0]?.width)
  expect(widths).toEqual([624, 608, 416, 400, 304, 288])
  for (const { width, height } of gridOf(9, hd)) expect(Math.abs(width / height - 16 / 9)).toBeLessThan(0.02)
})

test('the stage is at least half as wide as the canvas, with sixteen beside it too', () => {
  for (let count = 2; count <= 17; count++) {
    const [stage, ...strip] = stageOf(count, hd)
    expect(stage?.width).toBeGreaterThanOrEqual(640)
    for (const tile of strip) expect(tile.width).toBeLessThan(stage?.width ?? 0)
  }
})
