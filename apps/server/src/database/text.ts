/** A text as PostgreSQL can keep it: without NUL and lone surrogates. */
export const storable = (text: string): string => text.toWellFormed().replaceAll('\0', '')

/** A value as jsonb can keep it. */
export const storableJson = (value: unknown): string =>
  JSON.stringify(value, (_key, part) => (typeof part === 'string' ? storable(part) : part))
