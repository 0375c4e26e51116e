// S3 has the first limit, file systems the second.
const longestKeyBytes = 1024
const longestNameBytes = 255
const longestGivenNameBytes = 100
// XML, in which S3 servers tell of keys, cannot carry these.
const unstorable = /[\p{Cc}\uFFFE\uFFFF]/u

/** Whether every store can keep a blob under this key, inside its place. */
export const isKey = (key: string): boolean => isStorable(key) && key.split('/').every(isName)

/** Whether a key may begin with this text. Places outside of a store, and what its server cannot answer, do not. */
export const mayBeginKey = (prefix: string): boolean =>
  isStorable(prefix) && prefix.split('/').slice(0, -1).every(isName)

const isStorable = (text: string) =>
  Buffer.byteLength(text) <= longestKeyBytes && text.isWellFormed() && !unstorable.test(text)

const isName = (name: string) =>
  name !== '' && name !== '.' && name !== '..' && Buffer.byteLength(name) <= longestNameBytes

/**
 * A name for a key out of what people call something, such as a room; as it is where it can be, and 100 bytes at most. Two
 * things may get the same one, so something unique has to stand beside it.
 */
export function keyNameOf(text: string): string {
  const storable = text
    .toWellFormed()
    .normalize('NFC')
    .replace(/[\p{Cc}\uFFFE\uFFFF/\\]/gu, '_')
  let name = ''
  for (const character of storable) {
    if (Buffer.byteLength(name + character) > longestGivenNameBytes) break
    name += character
  }
  return isName(name) ? name : '_'
}
