/** Names of the ground colours, and their Y, U, V as video has them (BT.601, 16 to 235). */
export const colours = {
  red: [81, 90, 240],
  green: [145, 54, 34],
  blue: [41, 240, 110],
  yellow: [210, 16, 146],
  magenta: [106, 202, 222],
  cyan: [170, 166, 16],
} as const satisfies Record<string, readonly [number, number, number]>

export type Colour = keyof typeof colours

/** A solid ground with a white block that is at another place in each frame. */
export interface ColourPattern {
  colour: Colour
  /** 320 unless told; even. */
  widthPx?: number
  /** 180 unless told; even. */
  heightPx?: number
  /** 15 unless told. */
  framesPerSecond?: number
}

/** A picture in I420: a plane of brightness, then two of colour at half the size. */
export interface Picture {
  data: Uint8Array
  width: number
  height: number
}

/** What a picture shows: the mean colour of its ground and the middle of its white block, 0 to 1 across and down. */
export interface Sight {
  ground: { y: number; u: number; v: number }
  block: { x: number; y: number } | undefined
}

/** Paints frame number `frame` of a pattern. */
export function paint(frame: number, pattern: Required<ColourPattern>): Picture {
  const { widthPx: width, heightPx: height } = pattern
  const [y, u, v] = colours[pattern.colour]
  const pixels = width * height
  const data = new Uint8Array(pixels * 1.5)
  data.fill(y, 0, pixels)
  data.fill(u, pixels, pixels * 1.25)
  data.fill(v, pixels * 1.25)
  const block = blockOf(frame, width, height)
  for (let row = block.top; row < block.top + block.size; row++) {
    const start = row * width + block.left
    data.fill(235, start, start + block.size)
  }
  for (let row = block.top / 2; row < (block.top + block.size) / 2; row++) {
    const start = pixels + (row * width + block.left) / 2
    data.fill(128, start, start + block.size / 2)
    data.fill(128, start + pixels / 4, start + pixels / 4 + block.size / 2)
  }
  return { data, width, height }
}

/** Where the block of a frame is: a fifth of the height, walking a tenth of the width each frame, back to the left after eight frames. */
export function blockOf(frame: number, width: number, height: number) {
  const even = (length: number) => Math.floor(length / 2) * 2
  return {
    left: even((width * (0.5 + (frame % 8))) / 10),
    top: even(height * 0.4),
    size: even(height / 5),
  }
}

/** Measures a picture, on every second pixel. White is what is bright and has no colour. */
export function look({ data, width, height }: Picture): Sight {
  const chromaWidth = Math.ceil(width / 2)
  const chromaHeight = Math.ceil(height / 2)
  const uAt = width * height
  const vAt = uAt + chromaWidth * chromaHeight
  const ground = { y: 0, u: 0, v: 0, count: 0 }
  const white = { x: 0, y: 0, count: 0 }
  for (let row = 0; row < chromaHeight; row++) {
    for (let column = 0; column < chromaWidth; column++) {
      const y = data[2 * row * width + 2 * column] ?? 0
      const u = data[uAt + row * chromaWidth + column] ?? 0
      const v = data[vAt + row * chromaWidth + column] ?? 0
      if (y > 180 && Math.abs(u - 128) < 40 && Math.abs(v - 128) < 40) {
        white.x += column
        white.y += row
        white.count++
      } else {
        ground.y += y
        ground.u += u
        ground.v += v
        ground.count++
      }
    }
  }
  const count = Math.max(ground.count, 1)
  const isBlock = white.count > (chromaWidth * chromaHeight) / 200
  return {
    ground: { y: ground.y / count, u: ground.u / count, v: ground.v / count },
    block: isBlock
      ? { x: white.x / white.count / chromaWidth, y: white.y / white.count / chromaHeight }
      : undefined,
  }
}

/** The named colour that a ground is, undefined when it is near none. */
export function nameColour({ ground }: Sight): Colour | undefined {
  return (Object.keys(colours) as Colour[]).find((name) => {
    const [y, u, v] = colours[name]
    return Math.hypot(ground.y - y, ground.u - u, ground.v - v) < 40
  })
}

/** Whether the white block is in both pictures, at places at least a twentieth of the width apart. */
export function hasMoved(earlier: Sight, later: Sight): boolean {
  if (!earlier.block || !later.block) return false
  return Math.hypot(later.block.x - earlier.block.x, later.block.y - earlier.block.y) > 0.05
}
