import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import type { BlobStore } from '../blob-store.ts'
import { InvalidBlobError } from '../errors.ts'
import { keyNameOf } from '../key.ts'
import { textOf } from './files.ts'

const options = { contentType: 'application/octet-stream' }

const oddNames = [
  'spaces in it, and at its end ',
  ' at its beginning',
  'Ünïcödé — 会議室 — غرفة — 🎥👩‍👩‍👧',
  'e\u0301 decomposed',
  'a+b & c=d? #e %20 %2F %',
  `quotes ' " \` and <tags> and \\`,
  '...',
  '..a',
  '~',
  '*',
  '-rf',
  '$(reboot);{}[]|^!@:,',
  'x'.repeat(255),
]

const wrongKeys = {
  'an empty one': '',
  'an absolute one': '/etc/passwd',
  'one that goes up': '../secret',
  'one that goes up inside': 'a/../../secret',
  'one that is here': './a',
  'one with an empty name': 'a//b',
  'one that ends as a folder': 'a/',
  'one with a NUL': 'a\0b',
  'one with a line break': 'a\nb',
  'one that is no text': 'a\ud800b',
  'a name that is too long': 'x'.repeat(256),
  'one that is too long': Array.from({ length: 9 }, () => 'x'.repeat(120)).join('/'),
}

/** Which keys there are, and what cannot be one. */
export function keyPromises(store: () => BlobStore): void {
  test('odd names are names', async () => {
    const folder = `odd/${randomUUID()}`
    const keys = oddNames.flatMap((name) => [`${folder}/${name}`, `${folder}/in ${randomUUID()}/${name}/x`])
    for (const key of keys) await store().put(key, key, options)
    const listed = await Array.fromAsync(store().list(`${folder}/`), ({ key }) => key)
    expect(listed.toSorted()).toEqual(keys.toSorted())
    for (const key of keys) {
      expect(await textOf(await store().read(key))).toBe(key)
      expect(await Array.fromAsync(store().list(key), (info) => info.key)).toContain(key)
      await store().delete(key)
      expect(await store().stat(key)).toBeUndefined()
    }
  })

  test('keys that differ in anything are two blobs', async () => {
    const folder = `near/${randomUUID()}`
    const keys = ['a b', 'a+b', 'a%20b', 'a%2520b', 'a b '].map((name) => `${folder}/${name}`)
    for (const key of keys) await store().put(key, key, options)
    for (const key of keys) expect(await textOf(await store().read(key))).toBe(key)
  })

  test.each(Object.entries(wrongKeys))('%s is refused as a key, whatever is done with it', async (_, key) => {
    const link = { expiresInSeconds: 60, fileName: 'x', origin: 'http://localhost' }
    const deeds = [
      store().put(key, 'x', options),
      store().putFile(key, '/dev/null', options),
      store().stat(key),
      store().read(key),
      store().getFile(key, '/dev/null'),
      store().delete(key),
      store().link(key, link),
    ]
    for (const result of await Promise.allSettled(deeds))
      expect(result).toMatchObject({ status: 'rejected', reason: expect.any(InvalidBlobError) })
  })

  test('any name that people give makes a name for a key', async () => {
    for (const given of ['..', '.', '', '/', 'a/b', 'a\\b', '\0', '\ud800', '🎥'.repeat(256), ...oddNames]) {
      const key = `named/${keyNameOf(given)}/${randomUUID()}`
      await store().put(key, given.toWellFormed(), options)
      expect(await textOf(await store().read(key))).toBe(given.toWellFormed())
    }
  })
}
