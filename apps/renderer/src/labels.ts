import type { Buffer } from 'node:buffer'
import { createCanvas, type SKRSContext2D } from '@napi-rs/canvas'
import type { Rectangle, Size } from './layout.ts'
import { cleanName, fitName, initialsOf } from './names.ts'
import type { Scene, Tile } from './scene.ts'

/** Fonts that a machine may have. What none of them holds is drawn as a box. */
const fonts =
  '"Noto Sans", "DejaVu Sans", "Noto Sans CJK SC", "Noto Sans Arabic", "Noto Color Emoji", sans-serif'
const colours = { canvas: '#101418', tile: '#1d232b', disc: '#3a4654', text: '#ffffff', quiet: '#9aa7b5' }

export interface Label extends Size {
  png: Buffer
}

/** A participant's name on a dark plate, for a tile of this size. */
export async function drawLabel(name: string, tile: Size): Promise<Label> {
  const fontSize = Math.round(Math.min(24, Math.max(11, tile.height * 0.06)))
  const padding = Math.round(fontSize * 0.5)
  const measure = measurer(fontSize)
  const text = fitName(cleanName(name), tile.width * 0.8 - 2 * padding, measure)
  const width = Math.max(2, evenUp(Math.min(tile.width * 0.8, measure(text) + 2 * padding)))
  const height = evenUp(fontSize * 1.7)
  const canvas = createCanvas(width, height)
  const context = canvas.getContext('2d')
  context.fillStyle = 'rgba(0, 0, 0, 0.6)'
  context.beginPath()
  context.roundRect(0, 0, width, height, fontSize * 0.35)
  context.fill()
  write(context, text, { x: width / 2, y: height / 2, fontSize, colour: colours.text })
  return { png: await canvas.encode('png'), width, height }
}

/** What lies under the pictures: the canvas, and in each tile what is seen while it has no picture; or the card of a pause. */
export async function drawBackground(scene: Scene, rectangles: Rectangle[], size: Size): Promise<Buffer> {
  const canvas = createCanvas(size.width, size.height)
  const context = canvas.getContext('2d')
  context.fillStyle = colours.canvas
  context.fillRect(0, 0, size.width, size.height)
  if (scene.isPaused) drawPause(context, size)
  for (const [index, tile] of scene.tiles.entries())
    drawPlaceholder(context, tile, rectangles[index] as Rectangle)
  return canvas.encode('png')
}

function drawPlaceholder(context: SKRSContext2D, tile: Tile, rectangle: Rectangle): void {
  const { x, y, width, height } = rectangle
  context.fillStyle = tile.isScreen ? '#000000' : colours.tile
  context.fillRect(x, y, width, height)
  if (tile.isScreen) return
  const centre = { x: x + width / 2, y: y + height / 2 }
  context.fillStyle = colours.disc
  context.beginPath()
  context.arc(centre.x, centre.y, height * 0.24, 0, 2 * Math.PI)
  context.fill()
  const initials = initialsOf(cleanName(tile.name))
  write(context, initials, { ...centre, fontSize: height * 0.18, colour: colours.text })
}

/** Bars need no language. */
function drawPause(context: SKRSContext2D, { width, height }: Size): void {
  const unit = height / 20
  context.fillStyle = colours.quiet
  for (const side of [-1.75, 0.75])
    context.fillRect(width / 2 + side * unit, height / 2 - 2.5 * unit, unit, 5 * unit)
}

interface Place {
  x: number
  y: number
  fontSize: number
  colour: string
}

function write(context: SKRSContext2D, text: string, { x, y, fontSize, colour }: Place): void {
  context.font = `${fontSize}px ${fonts}`
  context.fillStyle = colour
  context.textAlign = 'center'
  context.textBaseline = 'middle'
  context.fillText(text, x, y)
}

function measurer(fontSize: number): (text: string) => number {
  const context = createCanvas(1, 1).getContext('2d')
  context.font = `${fontSize}px ${fonts}`
  return (text) => context.measureText(text).width
}

const evenUp = (length: number) => Math.ceil(length / 2) * 2
