import type { Admission, IntakeEvent } from './messages.ts'

/** Questions to the parent that wait for their answers. */
export interface Questions {
  /** Whether a key may publish; rejects when there is no answer in time. */
  ask(app: string, key: string): Promise<Admission>
  answer(id: number, admission: Admission): void
}

const answerLimitMs = 10_000

export function createQuestions(say: (event: IntakeEvent) => void): Questions {
  const waiting = new Map<number, (admission: Admission) => void>()
  let lastId = 0
  return {
    ask(app, key) {
      const id = ++lastId
      const { promise, resolve, reject } = Promise.withResolvers<Admission>()
      waiting.set(id, resolve)
      const limit = setTimeout(() => reject(new Error('the parent does not answer')), answerLimitMs)
      say({ type: 'authorize', id, app, key })
      return promise.finally(() => {
        clearTimeout(limit)
        waiting.delete(id)
      })
    },
    answer: (id, admission) => waiting.get(id)?.(admission),
  }
}
