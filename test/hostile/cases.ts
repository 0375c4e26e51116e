import fc from 'fast-check'
import { fieldFaults } from './body-faults.ts'
import { documented } from './document.ts'
import { type Cursors, type Draft, validDrafts } from './drafts.ts'
import { parameterFaults } from './parameter-faults.ts'
import { textFaults } from './text-faults.ts'

/** A request to send, and what it breaks; undefined where it breaks nothing. */
export interface Case {
  draft: Draft
  fault: string | undefined
}

/** Requests to every operation of the document: three of four are broken in one place. */
export function cases(cursors: Cursors): fc.Arbitrary<Case> {
  return fc.oneof(
    ...documented.map((operation) => {
      const { body, method } = operation
      const drafts = validDrafts(operation, cursors)
      const faults = fc.oneof(
        ...parameterFaults(operation),
        ...(body ? fieldFaults(body.schema) : []),
        ...(method === 'GET' ? [] : textFaults(operation)),
      )
      return {
        weight: 1 + operation.parameters.length + (body ? 5 : 0),
        arbitrary: fc.oneof(
          { weight: 1, arbitrary: drafts.map((draft): Case => ({ draft, fault: undefined })) },
          {
            weight: 3,
            arbitrary: fc
              .tuple(drafts, faults)
              .map(([draft, { what, apply }]): Case => ({ draft: apply(draft), fault: what })),
          },
        ),
      }
    }),
  )
}
