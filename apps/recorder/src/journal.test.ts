import { appendFile, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { mendJournal, openJournal, readJournal } from './journal.ts'
import type { TimelineEvent } from './timeline-event.ts'

let directory: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'journal-'))
})
afterEach(() => rm(directory, { recursive: true }))

const failed = (error: Error) => expect.unreachable(error.message)
const alive = (atMs: number): TimelineEvent => ({ type: 'alive', atMs })

async function write(...events: TimelineEvent[]) {
  const journal = openJournal(directory, failed)
  for (const event of events) await journal.write(event)
  await journal.close()
}

test('where there is no journal nothing has happened, and none is made', async () => {
  expect(await readJournal(directory)).toEqual([])
  expect(await readdir(directory)).toEqual([])
})

const journalText = () => readFile(join(directory, 'timeline.jsonl'), 'utf8')

test('a last line that is being written is left out, and left alone', async () => {
  await write(alive(1), alive(2))
  await appendFile(join(directory, 'timeline.jsonl'), '{"type":"alive","at')
  const before = await journalText()
  expect(await readJournal(directory)).toEqual([alive(1), alive(2)])
  expect(await journalText()).toBe(before)
})

test('what follows a last line that was torn is read once that is mended', async () => {
  await write(alive(1), alive(2))
  await appendFile(join(directory, 'timeline.jsonl'), '{"type":"alive","at')
  await mendJournal(directory)
  await write(alive(3))
  expect(await readJournal(directory)).toEqual([alive(1), alive(2), alive(3)])
  expect((await journalText()).split('\n')).toHaveLength(4)
})
