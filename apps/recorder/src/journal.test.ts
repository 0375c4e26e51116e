import { appendFile, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openJournal, readJournal } from './journal.ts'
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
  for (const event of events) journal.write(event)
  await journal.close()
}

test('where there is no journal nothing has happened, and none is made', async () => {
  expect(await readJournal(directory)).toEqual([])
  expect(await readdir(directory)).toEqual([])
})

test('a last line that was torn is ignored, and what follows is read', async () => {
  await write(alive(1), alive(2))
  await appendFile(join(directory, 'timeline.jsonl'), '{"type":"alive","at')
  expect(await readJournal(directory)).toEqual([alive(1), alive(2)])
  await write(alive(3))
  expect(await readJournal(directory)).toEqual([alive(1), alive(2), alive(3)])
  expect((await readFile(join(directory, 'timeline.jsonl'), 'utf8')).split('\n')).toHaveLength(4)
})
