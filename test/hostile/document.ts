import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** The part of JSON Schema that the document uses. */
export interface Schema {
  $ref?: string
  type?: string
  enum?: unknown[]
  const?: unknown
  pattern?: string
  format?: string
  items?: Schema
  minItems?: number
  maxItems?: number
  minLength?: number
  maxLength?: number
  minimum?: number
  maximum?: number
  required?: string[]
  properties?: Record<string, Schema>
  examples?: unknown[]
  [keyword: string]: unknown
}

export interface Parameter {
  name: string
  in: 'path' | 'query' | 'header'
  required: boolean
  schema: Schema
}

interface MediaType {
  schema: Schema
  example?: unknown
}

interface Described {
  operationId: string
  security: Record<string, unknown>[]
  parameters?: Parameter[]
  requestBody?: { required: boolean; content: Record<string, MediaType> }
  responses: Record<string, { content?: Record<string, MediaType> }>
}

/** One operation as openapi.json describes it, with its references resolved in the parameters and the body. */
export interface DocumentedOperation {
  id: string
  method: string
  /** OpenAPI's notation: `/v1/rooms/{roomId}`. */
  path: string
  security: 'none' | 'apiKey' | 'apiKeyOrParticipant'
  parameters: Parameter[]
  body: MediaType | undefined
  responses: Described['responses']
}

export const document = JSON.parse(readFileSync(join(import.meta.dirname, '../../openapi.json'), 'utf8')) as {
  paths: Record<string, Record<string, Described>>
  [part: string]: unknown
}

/** Every operation of the document. */
export const documented: DocumentedOperation[] = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, described]) => {
    const body = described.requestBody?.content['application/json']
    return {
      id: described.operationId,
      method: method.toUpperCase(),
      path,
      security: securityOf(described),
      parameters: (described.parameters ?? []).map((one) => ({ ...one, schema: resolve(one.schema) })),
      body: body && { ...body, schema: resolve(body.schema) },
      responses: described.responses,
    }
  }),
)

/** The operation's address with its parameters in place, which are encoded here. */
export function addressOf(operation: Pick<DocumentedOperation, 'path'>, value: (name: string) => string) {
  return operation.path.replace(/\{(\w+)\}/g, (_whole, name: string) => encodeURIComponent(value(name)))
}

/** An address of the operation at which nothing is, made of the examples in the document. */
export const exampleAddress = (operation: DocumentedOperation) =>
  addressOf(operation, (name) => {
    const parameter = operation.parameters.find((one) => one.in === 'path' && one.name === name)
    return String(parameter?.schema.examples?.[0] ?? 'example')
  })

function securityOf({ security }: Described): DocumentedOperation['security'] {
  if (security.length === 0) return 'none'
  return security.some((one) => 'participant' in one) ? 'apiKeyOrParticipant' : 'apiKey'
}

function resolve(schema: Schema): Schema {
  if (schema.$ref) return resolve(at(schema.$ref))
  const { properties } = schema
  if (!properties) return schema
  return {
    ...schema,
    properties: Object.fromEntries(Object.entries(properties).map(([name, part]) => [name, resolve(part)])),
  }
}

/** The schema that a reference such as `#/components/schemas/Room` names. */
function at(reference: string): Schema {
  return reference
    .slice(2)
    .split('/')
    .reduce<unknown>((part, name) => (part as Record<string, unknown>)[name], document) as Schema
}
