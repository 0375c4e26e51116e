import { randomUUID } from 'node:crypto'
import { eventually } from '@rtcstack/testkit'
import { expect, test } from 'vitest'
import type { BlobStore } from '../blob-store.ts'
import { InvalidBlobError } from '../errors.ts'

const text = { contentType: 'text/plain; charset=utf-8' }

/** Links, as a browser would use them. */
export function linkPromises(store: () => BlobStore, origin: () => string): void {
  const putAndLink = async (options: { expiresInSeconds?: number; fileName?: string; key?: string } = {}) => {
    const { expiresInSeconds = 60, fileName = 'name.txt', key = `links/${randomUUID()}.txt` } = options
    await store().put(key, 'behind the link', text)
    return store().link(key, { expiresInSeconds, fileName, origin: origin() })
  }
  const statusOf = async (url: string) => {
    const answer = await fetch(url)
    await answer.body?.cancel()
    return answer.status
  }

  test('a link downloads the blob without credentials, under the name it was given', async () => {
    const fileName = 'Réunion "1/2" 🎥.mp4'
    const answer = await fetch(await putAndLink({ fileName, key: `links/${randomUUID()} +?&é/ä b.txt` }))
    expect(answer.status).toBe(200)
    expect(await answer.text()).toBe('behind the link')
    expect(answer.headers.get('content-type')).toBe(text.contentType)
    const disposition = answer.headers.get('content-disposition') ?? ''
    expect(disposition).toMatch(/^attachment; filename="R_union _1\/2_ _+\.mp4"; filename\*=UTF-8''/)
    expect(decodeURIComponent(disposition.split("''")[1] ?? '')).toBe(fileName)
  })

  test('a link gives a range, as a player asks for', async () => {
    const answer = await fetch(await putAndLink(), { headers: { range: 'bytes=7-9' } })
    expect(answer.status).toBe(206)
    expect(await answer.text()).toBe('the')
  })

  test('a link opens nothing once it has expired', async () => {
    const link = await putAndLink({ expiresInSeconds: 3 })
    expect(await statusOf(link)).toBe(200)
    await eventually(async () => (await statusOf(link)) === 403, { timeoutMs: 10_000, intervalMs: 200 })
  })

  test('a link that somebody has changed opens nothing', async () => {
    const link = new URL(await putAndLink())
    await store().put('links/other.txt', 'secret', text)
    const names = [...link.searchParams.keys()].filter((name) =>
      /expires|signature|name|disposition/i.test(name),
    )
    expect(names).toHaveLength(3)
    const changes = names.flatMap((name) => [
      (url: URL) => url.searchParams.delete(name),
      (url: URL) => url.searchParams.set(name, `${url.searchParams.get(name)}1`),
      (url: URL) => url.searchParams.set(name, (url.searchParams.get(name) ?? '').replace(/^./, otherThan)),
    ])
    changes.push((url) => {
      url.pathname = url.pathname.replace(/links\/.*$/, 'links/other.txt')
    })
    expect(await statusOf(link.href)).toBe(200)
    for (const change of changes) {
      const changed = new URL(link)
      change(changed)
      expect([400, 403], changed.search).toContain(await statusOf(changed.href))
    }
  })

  test('a link lasts at most as long as every store can make it', async () => {
    for (const expiresInSeconds of [0, -1, 1.5, 604_801, Number.NaN])
      await expect(putAndLink({ expiresInSeconds })).rejects.toThrow(InvalidBlobError)
    expect(await statusOf(await putAndLink({ expiresInSeconds: 604_800 }))).toBe(200)
  })
}

const otherThan = (character: string) => (character === '1' ? '2' : '1')
