/** What AMF0 can say, as far as a publisher does. Undefined is null, a date its milliseconds. */
export type AmfValue = number | boolean | string | null | AmfValue[] | AmfObject

/** Without a prototype, as its names come from outside. */
export interface AmfObject {
  [name: string]: AmfValue
}

export const isAmfObject = (value: AmfValue | undefined): value is AmfObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export const markers = {
  number: 0,
  boolean: 1,
  string: 2,
  object: 3,
  null: 5,
  undefined: 6,
  namedArray: 8,
  objectEnd: 9,
  array: 10,
  date: 11,
  longString: 12,
  typedObject: 16,
} as const
