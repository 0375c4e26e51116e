import { expect, test } from 'vitest'
import { readOpusPacket } from '../bitstream/opus-packet.ts'
import { readPages } from '../testing/ogg.ts'
import { createOggOpusWriter } from './opus-writer.ts'

const voice = Buffer.from([0x78, 1, 2, 3])
const stereoVoice = Buffer.from([0x7c, 1, 2, 3])

/** A writer with what it appended so far. */
function startFile() {
  const parts: Buffer[] = []
  const writer = createOggOpusWriter({ append: (bytes) => parts.push(bytes), serial: 7 })
  const write = (timeMs: number, data = voice) =>
    writer.write({ timestamp: 0, capturedAtMs: 0, isKey: true, data }, timeMs)
  return { writer, write, parts, pages: () => readPages(Buffer.concat(parts)) }
}

const samplesOf = (packets: Buffer[]) =>
  packets.reduce((sum, packet) => sum + (readOpusPacket(packet)?.samples ?? 0), 0)

test('the first page tells how long after the recording the track began', () => {
  const { write, writer, pages } = startFile()
  write(1000)
  write(1020)
  writer.flush()
  const [head, tags, first] = pages()
  expect([head?.granule, head?.isFirst, tags?.granule]).toEqual([0, true, 0])
  expect(first?.granule).toBe(1040 * 48)
})

test('no page holds more than a second, so that a crash loses no more', () => {
  const { write, writer, pages } = startFile()
  for (let timeMs = 0; timeMs < 10_000; timeMs += 20) write(timeMs)
  writer.close()
  const sound = pages().slice(2)
  expect(sound).toHaveLength(10)
  for (const { packets } of sound) expect(samplesOf(packets)).toBeLessThanOrEqual(48_000)
})

test.each([100, 400, 460, 520, 5000, 3_599_000])(
  'a gap of %i ms begins a page, and is filled to the sample',
  (gapMs) => {
    const { write, writer, pages, parts } = startFile()
    write(0)
    write(20)
    write(40 + gapMs)
    const writtenBeforeClose = parts.length
    writer.close()
    const sound = pages().slice(2)
    let granule = 0
    for (const page of sound) {
      granule += samplesOf(page.packets)
      expect(page.granule).toBe(granule)
    }
    expect(granule).toBe((60 + gapMs) * 48)
    expect(sound[0]?.packets).toEqual([voice, voice])
    expect(sound.at(-1)?.packets).toEqual([voice])
    // The last packet alone waits for its page to fill.
    expect(parts).toHaveLength(writtenBeforeClose + 1)
  },
)

test('gaps that are no multiple of 2.5 ms never add up', () => {
  const { write, writer, pages } = startFile()
  let timeMs = 0
  for (let gap = 0; gap < 500; gap++, timeMs += 20 + 31.7) write(timeMs)
  writer.close()
  const end = (pages().at(-1)?.granule ?? 0) / 48
  expect(Math.abs(end - (timeMs - 31.7))).toBeLessThanOrEqual(1.25)
})

test('a gap of over an hour asks for a new file', () => {
  const { write } = startFile()
  write(0)
  expect(write(3_700_000)).toBe('incompatible')
  expect(write(20)).toBe('written')
})

test.each([
  ['fast', 19.9],
  ['slow', 20.1],
])('the sound of a sender whose clock runs %s stays within half a packet of its place', (_, packetMs) => {
  const { write, writer, pages } = startFile()
  const results = Array.from({ length: 1000 }, (_, index) => write(index * packetMs))
  writer.close()
  expect(results.filter((result) => result === 'skipped').length).toBeLessThanOrEqual(5)
  expect(pages().flatMap(({ packets }) => packets).length).toBeLessThanOrEqual(1002 + 10)
  expect(Math.abs((pages().at(-1)?.granule ?? 0) / 48 - 1000 * packetMs)).toBeLessThanOrEqual(10.1)
})

test('times that tremble make no gaps', () => {
  const { write, writer, pages } = startFile()
  for (let index = 0; index < 100; index++) write(50 + index * 20 + (index % 7) * 1.5 - (index % 5))
  writer.close()
  expect(pages().flatMap(({ packets }) => packets)).toHaveLength(102)
})

test('what comes before the recording or after the end is skipped', () => {
  const { write, writer } = startFile()
  expect(write(-20)).toBe('skipped')
  expect(write(0)).toBe('written')
  writer.close()
  expect(write(20)).toBe('skipped')
})

test('stereo after mono asks for a new file, and mono after stereo does not', () => {
  const mono = startFile()
  mono.write(0)
  expect(mono.write(20, stereoVoice)).toBe('incompatible')
  const stereo = startFile()
  stereo.write(0, stereoVoice)
  expect(stereo.write(20)).toBe('written')
  expect([mono, stereo].map(({ pages }) => pages()[0]?.packets[0]?.[9])).toEqual([1, 2])
})

test('a file ends with a page that says so, also where nothing is held back', () => {
  const { write, writer, pages } = startFile()
  write(0)
  writer.flush()
  writer.close()
  writer.close()
  const all = pages()
  expect(all.map(({ number }) => number)).toEqual([0, 1, 2, 3])
  expect(all.map(({ isLast }) => isLast)).toEqual([false, false, false, true])
  expect(all.at(-1)).toMatchObject({ packets: [], granule: 960 })
  expect(writer.sizeBytes).toBe((all.at(-1)?.at ?? 0) + 27)
})

test('a track without a packet is no file', () => {
  const { writer, parts } = startFile()
  writer.close()
  expect(parts).toEqual([])
})
