import fc from 'fast-check'
import type { DocumentedOperation, Parameter } from './document.ts'
import type { WireRequest } from './exchange.ts'
import { validValues } from './valid-values.ts'

/** A request in parts that a fault can be put into. Segments and query are encoded already. */
export interface Draft {
  operation: DocumentedOperation
  segments: Record<string, string>
  query: [name: string, value: string][]
  headers: Record<string, string>
  json?: Record<string, unknown>
  /** Sent as it is in place of `json`. */
  bytes?: Buffer
}

/** Something done to a valid request that makes it one to be refused. */
export interface Fault {
  what: string
  apply: (draft: Draft) => Draft
}

export function toWire({ operation, segments, query, headers, json, bytes }: Draft): WireRequest {
  const path = operation.path.replace(/\{(\w+)\}/g, (_whole, name: string) => segments[name] ?? '')
  const search = query.map(([name, value]) => `${name}=${value}`).join('&')
  const body = bytes ?? (json && Buffer.from(JSON.stringify(json)))
  return {
    method: operation.method,
    path: search ? `${path}?${search}` : path,
    headers: { ...(body && { 'content-type': 'application/json' }), ...headers },
    ...(body && { body }),
  }
}

/** What HTTP can carry as the value of a header. */
const isFieldValue = (text: string) => /^[\t\x20-\x7e\x80-\xff]*$/.test(text)

/** A cursor for each operation that takes one, by its id. */
export type Cursors = Record<string, string>

/** Requests that the document allows. What it cannot say is given: a cursor is only one that a page gave. */
export function validDrafts(operation: DocumentedOperation, cursors: Cursors): fc.Arbitrary<Draft> {
  const valuesOf = ({ name, schema }: Parameter) =>
    name === 'cursor' ? fc.constant(cursors[operation.id] ?? '') : validValues(schema)
  const parametersIn = (place: Parameter['in'], encode: (text: string) => string) => {
    const parameters = operation.parameters.filter((one) => one.in === place)
    const values = parameters.map((one) => [one.name, valuesOf(one).map((value) => encode(String(value)))])
    const requiredKeys = parameters.filter((one) => one.required).map((one) => one.name)
    return fc.record(Object.fromEntries(values), { requiredKeys, noNullPrototype: true }) as fc.Arbitrary<
      Record<string, string>
    >
  }
  return fc
    .record({
      segments: parametersIn('path', encodeURIComponent),
      query: parametersIn('query', encodeURIComponent).map((query) => Object.entries(query)),
      headers: parametersIn('header', (text) => text).filter((headers) =>
        Object.values(headers).every(isFieldValue),
      ),
      json: (operation.body ? validValues(operation.body.schema) : fc.constant(undefined)) as fc.Arbitrary<
        Record<string, unknown>
      >,
    })
    .map(({ json, ...parts }) => ({ operation, ...parts, ...(json && { json }) }))
}
