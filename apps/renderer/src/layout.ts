export interface Size {
  width: number
  height: number
}

export interface Rectangle extends Size {
  x: number
  y: number
}

/** Room between tiles and around them; the active speaker's border is drawn in it. */
export const gap = 8
/** swscale writes past the edge of pictures whose width is not a multiple of this. */
const widthStep = 16
/** A strip takes at most this share of the width in each column. */
const stripShares = [0.17, 0.13, 0.1]

/** The rectangles of as many tiles, all 16:9 and alike, as large as they can be; one alone takes the canvas. */
export function gridOf(count: number, canvas: Size): Rectangle[] {
  if (count === 0) return []
  if (count === 1) return [centred(tileWithin(canvas), { x: 0, y: 0, ...canvas })]
  const choices = Array.from({ length: count }, (_, index) => {
    const columns = index + 1
    const rows = Math.ceil(count / columns)
    return {
      columns,
      rows,
      tile: tileWithin({ width: share(canvas.width, columns), height: share(canvas.height, rows) }),
    }
  })
  const best = choices.reduce((one, other) => (other.tile.width > one.tile.width ? other : one))
  return inRows(count, best.columns, best.tile, { x: 0, y: 0, ...canvas })
}

/** The first rectangle is a stage, the others stand beside it in columns; a grid where there is no room for that. */
export function stageOf(count: number, canvas: Size): Rectangle[] {
  if (count < 2) return gridOf(count, canvas)
  const stripCount = count - 1
  for (const [index, widest] of stripShares.entries()) {
    const columns = index + 1
    const rows = Math.ceil(stripCount / columns)
    const tile = tileWithin({ width: canvas.width * widest, height: share(canvas.height, rows) })
    // Narrower than two thirds of what the column may take: more columns serve better.
    if (tile.width < (canvas.width * widest * 2) / 3) continue
    const stripWidth = columns * (tile.width + gap) + gap
    const room = { x: gap, y: gap, width: canvas.width - stripWidth - gap, height: canvas.height - 2 * gap }
    const stage = centred(tileWithin(room), room)
    const strip = { x: canvas.width - stripWidth, y: 0, width: stripWidth, height: canvas.height }
    return [stage, ...inRows(stripCount, columns, tile, strip)]
  }
  return gridOf(count, canvas)
}

function inRows(count: number, columns: number, tile: Size, room: Rectangle): Rectangle[] {
  const rows = Math.ceil(count / columns)
  const top = room.y + even((room.height - span(rows, tile.height)) / 2)
  return Array.from({ length: count }, (_, index) => {
    const row = Math.floor(index / columns)
    const inRow = Math.min(columns, count - row * columns)
    const left = room.x + even((room.width - span(inRow, tile.width)) / 2)
    const column = index - row * columns
    return { x: left + column * (tile.width + gap), y: top + row * (tile.height + gap), ...tile }
  })
}

/** The largest tile of 16:9 in a room, at the steps that encoders and scalers need. */
function tileWithin(room: Size): Size {
  const width = Math.floor(Math.min(room.width, (room.height * 16) / 9) / widthStep) * widthStep
  return { width, height: even(Math.min(room.height, (width * 9) / 16)) }
}

function centred(tile: Size, room: Rectangle): Rectangle {
  const x = room.x + even((room.width - tile.width) / 2)
  return { x, y: room.y + even((room.height - tile.height) / 2), ...tile }
}

const share = (length: number, count: number) => (length - gap * (count + 1)) / count
const span = (count: number, length: number) => count * length + (count - 1) * gap
const even = (length: number) => Math.floor(length / 2) * 2
