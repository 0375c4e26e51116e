import { expect, test } from 'vitest'
import { holdFirstSound } from './first-sound.ts'

/** Packets 20 ms apart that came later than they were captured by `lateMs`, each with what is given out when it comes. */
function pushLate(lateMs: number[]) {
  const sound = holdFirstSound()
  const given = lateMs.map((late, index) =>
    sound
      .push({
        timestamp: index * 960,
        capturedAtMs: 1_000 + index * 20 + late,
        isKey: true,
        data: Buffer.of(),
      })
      .map(({ capturedAtMs }) => capturedAtMs),
  )
  return { given, release: () => sound.release().map(({ capturedAtMs }) => capturedAtMs) }
}

test('where no packet had to wait, all go on after two', () => {
  expect(pushLate([0, 1, 0, 0]).given).toEqual([[], [], [1_000, 1_020, 1_040], [1_060]])
})

test('packets that waited to be read all get the time of the one that waited least', () => {
  const { given } = pushLate([100, 80, 60, 40, 20, 0, 5, 3, 1])
  const first = Array.from({ length: 8 }, (_, index) => 1_000 + index * 20)
  expect(given.flat()).toEqual([...first, 1_161])
  expect(given[7]).toHaveLength(8)
})

test('no more than 300 ms are held, however late each of them is', () => {
  const { given } = pushLate(Array.from({ length: 20 }, (_, index) => 400 - index * 20))
  expect(given.findIndex((packets) => packets.length > 0)).toBe(14)
})

test('a sender that was silent for a moment ends it, and is where it was', () => {
  expect(pushLate([0, 200]).given).toEqual([[], [1_000, 1_220]])
})

test('what is held is given when it is asked for, and nothing is held any more', () => {
  const { release } = pushLate([30, 10])
  expect(release()).toEqual([1_010, 1_030])
  expect(release()).toEqual([])
})
