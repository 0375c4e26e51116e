import {
  type Colour,
  cut,
  look,
  nameColour,
  type Rectangle,
  readPictures,
  type Sight,
  type TimedPicture,
} from '@rtcstack/testkit'

/** What recordings are by default. */
export const canvas = { width: 1280, height: 720 }
const gap = 8
const tileSizes: Record<number, [number, number]> = {
  1: [1280, 720],
  2: [624, 350],
  3: [608, 342],
  4: [608, 342],
}

/** Where up to four tiles stand that are all alike: two in a row, and one alone in the middle. */
export function gridOf(count: number): Rectangle[] {
  const [width, height] = tileSizes[count] ?? [0, 0]
  const columns = Math.min(2, count)
  const rows = Math.ceil(count / columns)
  return Array.from({ length: count }, (_, index) => {
    const row = Math.floor(index / columns)
    const inRow = Math.min(columns, count - row * columns)
    const step = (number: number, length: number) => number * (length + gap)
    return {
      x: (canvas.width - step(inRow, width) + gap) / 2 + step(index - row * columns, width),
      y: (canvas.height - step(rows, height) + gap) / 2 + step(row, height),
      width,
      height,
    }
  })
}

/** A screen that is shared, and four tiles beside it. */
export const stageOfFive: Rectangle[] = [
  { x: 12, y: 68, width: 1040, height: 584 },
  ...[0, 1, 2, 3].map((row) => ({ x: 1064, y: 116 + row * (116 + gap), width: 208, height: 116 })),
]

/** Pictures of a file at half the size, five a second. */
export const readSamples = (file: string): Promise<TimedPicture[]> =>
  readPictures(file, { width: canvas.width / 2, height: canvas.height / 2, every: 5 })

/** What is seen in a tile, without its label and its edge. */
export function lookAtTile(picture: TimedPicture, tile: Rectangle): Sight & { colour: Colour | undefined } {
  const scale = picture.width / canvas.width
  const inset = 3
  const sight = look(
    cut(picture, {
      x: tile.x * scale + inset,
      y: tile.y * scale + inset,
      width: tile.width * scale - 2 * inset,
      height: tile.height * scale * 0.75 - inset,
    }),
  )
  return { ...sight, colour: nameColour(sight) }
}
