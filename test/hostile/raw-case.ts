import { expect } from 'vitest'
import { unlikeProblem } from './problem-rules.ts'
import type { RawAnswer } from './raw-answer.ts'
import { openRaw } from './raw-connection.ts'
import { health, keyMark } from './raw-requests.ts'

/** Something said on a fresh connection, and what must come of it. */
export interface RawCase {
  name: string
  /** One character for each byte. */
  send: string
  /** Ends our side of the connection after it. */
  ends?: boolean
  /** Of all answers, in order; interim ones (1xx) count. */
  statuses: readonly number[]
  /** Whether the server ends the connection by itself; otherwise another request must work on it. */
  closes: boolean
}

/** Says it to the server at this origin and checks all of what comes back. */
export async function checkRawCase(one: RawCase, origin: string, apiKey: string): Promise<void> {
  const connection = await openRaw(origin)
  try {
    connection.send(one.send.replaceAll(keyMark, `X-API-Key: ${apiKey}`))
    if (one.ends) connection.end()
    if (!one.closes) connection.send(health())
    const { statuses } = one
    const answers = one.closes ? await connection.closed() : await connection.answers(statuses.length + 1)
    expect(answers.map((answer) => answer.status)).toEqual(one.closes ? statuses : [...statuses, 200])
    for (const answer of answers) checkAnswer(answer)
  } finally {
    connection.destroy()
  }
}

function checkAnswer(answer: RawAnswer): void {
  if (answer.status < 400) return
  expect(unlikeProblem(answer)).toBeUndefined()
  expect(answer.headers['x-content-type-options']).toBe('nosniff')
}
