import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import type { BlobStore } from '../blob-store.ts'
import { InvalidBlobError } from '../errors.ts'

const options = { contentType: 'application/octet-stream' }
const many = 1005
const atOnce = 16

/** Lists, and deletions of what they have. */
export function listPromises(store: () => BlobStore): void {
  const keysOf = async (prefix: string) =>
    (await Array.fromAsync(store().list(prefix), ({ key }) => key)).sort()
  const putAll = (keys: string[]) => Promise.all(keys.map((key) => store().put(key, key, options)))

  test('a list has size, type, time and tag of each blob, as asking for it has', async () => {
    const key = `list/${randomUUID()}.json`
    const info = await store().put(key, '{}', { contentType: 'application/json' })
    const [listed] = await Array.fromAsync(store().list(key))
    expect(listed).toMatchObject({ key, sizeBytes: 2, contentType: 'application/json', etag: info.etag })
    expect(listed?.modifiedAt.getTime()).toBeGreaterThan(Date.now() - 60_000)
  })

  test('a prefix is a beginning of keys, and no folder', async () => {
    const folder = `list/${randomUUID()}`
    const keys = ['room', 'room-1/a', 'room-1/b', 'room-12/a', 'room-2', 'root'].map(
      (name) => `${folder}/${name}`,
    )
    await putAll(keys)
    const found = async (prefix: string) =>
      (await keysOf(`${folder}/${prefix}`)).map((key) => key.slice(folder.length + 1))
    expect(await found('')).toEqual(['room', 'room-1/a', 'room-1/b', 'room-12/a', 'room-2', 'root'])
    expect(await found('room-1')).toEqual(['room-1/a', 'room-1/b', 'room-12/a'])
    expect(await found('room-1/')).toEqual(['room-1/a', 'room-1/b'])
    expect(await found('room-1/a')).toEqual(['room-1/a'])
    expect(await found('roo')).toHaveLength(6)
    expect(await found('room/')).toEqual([])
    expect(await found('none')).toEqual([])
  })

  test.each(['../', '/', '/etc/', './', 'a//', 'a/../', '..', '\0/x'])(
    'nothing is found under %j, which begins no key',
    async (prefix) => {
      await store().put(`list/${randomUUID()}`, 'x', options)
      expect(await keysOf(prefix)).toEqual([])
    },
  )

  test('more than a thousand are all told of once, and all deleted', { timeout: 120_000 }, async () => {
    const folder = `many/${randomUUID()}`
    const keys = Array.from({ length: many }, (_, index) => `${folder}/${index % 7}/${index}`)
    const waiting = keys.values()
    const putSome = async () => {
      for (const key of waiting) await store().put(key, key, options)
    }
    await Promise.all(Array.from({ length: atOnce }, putSome))
    expect(await keysOf(`${folder}/`)).toEqual(keys.toSorted())
    expect(await store().deletePrefix(`${folder}/3/`)).toBe(keys.filter((_, index) => index % 7 === 3).length)
    expect(await store().deletePrefix(`${folder}/`)).toBe(keys.filter((_, index) => index % 7 !== 3).length)
    expect(await keysOf(folder)).toEqual([])
  })

  test('what is deleted by prefix is what begins with it; that it is nothing is no error', async () => {
    const folder = `list/${randomUUID()}`
    await putAll(['room-1/a', 'room-12/a', 'room-2/a'].map((name) => `${folder}/${name}`))
    expect(await store().deletePrefix(`${folder}/room-1/`)).toBe(1)
    expect(await store().deletePrefix(`${folder}/room-1/`)).toBe(0)
    expect(await store().deletePrefix(`${folder}/room-1`)).toBe(1)
    expect(await keysOf(`${folder}/`)).toEqual([`${folder}/room-2/a`])
    await expect(store().deletePrefix('')).rejects.toThrow(InvalidBlobError)
  })

  test('a put is kept whatever is deleted beside it at the same moment', async () => {
    const folder = `list/${randomUUID()}/shared`
    const kept: string[] = []
    for (let round = 0; round < 20; round++) {
      await store().put(`${folder}/gone`, 'x', options)
      const key = `${folder}/${round % 2 ? 'deeper/' : ''}${randomUUID()}`
      await Promise.all([store().delete(`${folder}/gone`), store().put(key, 'x', options)])
      kept.push(key)
      if (round % 3) await store().delete(kept.pop() as string)
    }
    expect(await keysOf(`${folder}/`)).toEqual(kept.toSorted())
  })
}
