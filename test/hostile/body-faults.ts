import fc from 'fast-check'
import { brokenValues } from './broken-values.ts'
import type { Schema } from './document.ts'
import type { Draft, Fault } from './drafts.ts'

const strangeNames = [
  'extra',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  '',
  '$ref',
  'ROLE',
  '😀',
]

/** Faults in single fields of a body of this schema. */
export function fieldFaults({ properties = {}, required = [] }: Schema): fc.Arbitrary<Fault>[] {
  return [
    ...Object.entries(properties).map(([name, schema]) =>
      brokenValues(schema).map((value) => changing(`broken ${name}`, (json) => ({ ...json, [name]: value }))),
    ),
    ...required.map((name) => fc.constant(changing(`no ${name}`, (json) => without(json, name)))),
    fc
      .constantFrom(...strangeNames)
      .map((name) => changing(`unknown property ${name}`, (json) => ({ ...json, [name]: 'host' }))),
  ]
}

function changing(what: string, change: (json: Record<string, unknown>) => Record<string, unknown>): Fault {
  return { what, apply: (draft: Draft) => ({ ...draft, json: change(draft.json ?? {}) }) }
}

function without(json: Record<string, unknown>, name: string): Record<string, unknown> {
  return Object.fromEntries(Object.entries(json).filter(([key]) => key !== name))
}
