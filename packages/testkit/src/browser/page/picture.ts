import { blockOf, type Colour } from '../../calls/video-pattern.ts'

/** Of the colours those that are known again whichever matrix and range the browser turns its RGB into video with. */
export type CanvasColour = Extract<Colour, keyof typeof inRgb>

const inRgb = { red: '#f00', blue: '#00f', yellow: '#ff0' }

export const framesPerSecond = 15

/** Paints the pattern of other callers on a canvas, again and again; calling what it returns paints at once. */
export function paintCanvas(canvas: HTMLCanvasElement, colour: CanvasColour): () => void {
  const context = canvas.getContext('2d', { alpha: false })
  if (!context) throw new Error('this browser paints no canvas')
  let frame = 0
  const paint = () => {
    const { width, height } = canvas
    const { left, top, size } = blockOf(frame++, width, height)
    context.fillStyle = inRgb[colour]
    context.fillRect(0, 0, width, height)
    context.fillStyle = '#fff'
    context.fillRect(left, top, size, size)
  }
  setInterval(paint, 1000 / framesPerSecond)
  return paint
}
