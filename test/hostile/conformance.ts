import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import { type DocumentedOperation, document, type Schema } from './document.ts'

const ajv = new Ajv2020({ strict: false, allErrors: true })
ajv.addFormat('date-time', (text) => !Number.isNaN(Date.parse(text)) && text.endsWith('Z'))
ajv.addFormat('uri', (text) => URL.canParse(text))
// Judged by what it says of itself, not by its pattern.
ajv.addFormat('webhook-secret', true)
ajv.addSchema(document, 'openapi')

const compiled = new Map<string, ValidateFunction>()

function compile(pointer: string): ValidateFunction {
  const known = compiled.get(pointer)
  const check = known ?? ajv.compile({ $ref: `openapi#${pointer}` })
  compiled.set(pointer, check)
  return check
}

const checks = new WeakMap<Schema, ValidateFunction>()

/** Whether a value keeps to a schema of the document. */
export function accepts(schema: Schema, value: unknown): boolean {
  const check = checks.get(schema) ?? ajv.compile(schema)
  checks.set(schema, check)
  return check(value) as boolean
}

/** What is wrong with an answer's body by the document; undefined where nothing is. */
export function unlikeDocument(
  operation: DocumentedOperation,
  answer: { status: number; contentType: string; body: string },
): string | undefined {
  const described = operation.responses[answer.status]
  if (!described) return `${operation.id} documents no status ${answer.status}`
  const [mediaType = ''] = answer.contentType.split(';')
  if (!described.content) return answer.body === '' ? undefined : 'a body where none is documented'
  if (!described.content[mediaType]) return `media type ${mediaType} is not documented`
  const pointer = ['paths', operation.path, operation.method.toLowerCase(), 'responses', answer.status]
  const check = compile(
    ['', ...pointer, 'content', mediaType, 'schema'].map((part) => escapePointer(String(part))).join('/'),
  )
  const value: unknown = mediaType.endsWith('json') ? JSON.parse(answer.body) : answer.body
  return check(value) ? undefined : ajv.errorsText(check.errors)
}

const escapePointer = (part: string) => encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'))
