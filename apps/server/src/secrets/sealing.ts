import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto'

const keyIdBytes = 4
const nonceBytes = 12
const tagBytes = 16

/** Keeps secrets that must be readable again, such as those that sign webhooks. */
export interface Sealing {
  /** Seals a text for its owner: it opens for the same owner only. */
  seal(owner: string, text: string): Buffer
  /** Throws where none of the keys sealed it, or it was sealed for another owner. */
  open(owner: string, sealed: Buffer): string
  /** Whether the first key sealed it. */
  isCurrent(sealed: Buffer): boolean
}

/**
 * AES-256-GCM with the owner as associated data. The first key seals; all open, so a key is changed by putting the new
 * one in front. What is sealed begins with the id of its key.
 */
export function createSealing(keys: readonly string[]): Sealing {
  const known = keys.map((text) => {
    const key = Buffer.from(hkdfSync('sha256', text, '', 'rtcstack secrets', 32))
    return { key, id: createHash('sha256').update(key).digest().subarray(0, keyIdBytes) }
  })
  const [first] = known
  if (!first) throw new Error('There is no key to keep secrets with: set SECRETS_KEY')

  return {
    seal(owner, text) {
      const nonce = randomBytes(nonceBytes)
      const cipher = createCipheriv('aes-256-gcm', first.key, nonce).setAAD(Buffer.from(owner))
      const content = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
      return Buffer.concat([first.id, nonce, cipher.getAuthTag(), content])
    },

    isCurrent: (sealed) => first.id.equals(sealed.subarray(0, keyIdBytes)),

    open(owner, sealed) {
      const found = known.find(({ id }) => id.equals(sealed.subarray(0, keyIdBytes)))
      if (!found) throw new Error('A secret was sealed with a key that is not in SECRETS_KEY')
      const rest = sealed.subarray(keyIdBytes)
      const decipher = createDecipheriv('aes-256-gcm', found.key, rest.subarray(0, nonceBytes))
        .setAAD(Buffer.from(owner))
        .setAuthTag(rest.subarray(nonceBytes, nonceBytes + tagBytes))
      return Buffer.concat([
        decipher.update(rest.subarray(nonceBytes + tagBytes)),
        decipher.final(),
      ]).toString()
    },
  }
}
