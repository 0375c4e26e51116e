import { Ajv, type ErrorObject } from 'ajv'
import type { TObject, TSchema } from 'typebox'
import { problems } from './problem.ts'

const ajv = new Ajv({
  allErrors: true,
  strict: false,
  coerceTypes: false,
  removeAdditional: false,
  validateFormats: false,
})
const maxErrors = 20

/** Returns a check that throws `validation-failed`, pointing below `root` (such as `#` for the body, `#/query`). */
export function compileCheck(schema: TSchema, root: string): (value: unknown) => void {
  const check = ajv.compile(withoutIds(schema))
  return (value) => {
    if (!check(value))
      throw problems.invalid((check.errors ?? []).slice(0, maxErrors).map((error) => describe(error, root)))
  }
}

/**
 * Makes the texts of a query the integers that its schema asks for; everything else stays as it came, to be refused
 * by the check. A repeated parameter stays an array, and so is refused too.
 */
export function compileQueryReader(
  schema: TObject,
): (query: Record<string, unknown>) => Record<string, unknown> {
  const integers = Object.entries(schema.properties)
    .filter(([, part]) => (part as { type?: string }).type === 'integer')
    .map(([name]) => name)
  return (query) => {
    const copy = { ...query }
    for (const name of integers) {
      const value = copy[name]
      if (typeof value === 'string' && /^-?(0|[1-9]\d{0,14})$/.test(value)) copy[name] = Number(value)
    }
    return copy
  }
}

/** A copy of a schema without `$id`s: the same shape may stand in several places. */
export function withoutIds<T>(schema: T): T {
  if (Array.isArray(schema)) return schema.map(withoutIds) as T
  if (typeof schema !== 'object' || schema === null) return schema
  return Object.fromEntries(
    Object.entries(schema)
      .filter(([key]) => key !== '$id')
      .map(([key, value]) => [key, withoutIds(value)]),
  ) as T
}

function describe(error: ErrorObject, root: string): { pointer: string; detail: string } {
  const pointer = `${root}${error.instancePath}`
  const params = error.params as {
    additionalProperty?: string
    missingProperty?: string
    allowedValues?: unknown[]
  }
  if (params.additionalProperty !== undefined)
    return {
      pointer: `${pointer}/${escapePointer(params.additionalProperty)}`,
      detail: 'is not a known property',
    }
  if (params.missingProperty !== undefined)
    return { pointer: `${pointer}/${escapePointer(params.missingProperty)}`, detail: 'is required' }
  if (params.allowedValues) return { pointer, detail: `must be one of ${params.allowedValues.join(', ')}` }
  return { pointer, detail: error.message ?? 'is not valid' }
}

const escapePointer = (name: string) => name.slice(0, 100).replaceAll('~', '~0').replaceAll('/', '~1')
