import { afterEach, expect, test } from 'vitest'
import { serveBlobs } from './testing.ts'

const key = 'rooms/1.mp4'
let served: Awaited<ReturnType<typeof serveBlobs>> | undefined
afterEach(() => served?.close())

async function serve(refusalsPerMinute = 1000) {
  served = await serveBlobs(key, { refusalsPerMinute })
  await served.store.put(key, 'content', { contentType: 'video/mp4' })
  return served
}

test('a link that has expired says so', async () => {
  const { clock, link } = await serve()
  const url = await link()
  clock.now = new Date(clock.now.getTime() + 61_000)
  const answer = await fetch(url)
  expect(answer.status).toBe(403)
  expect(await answer.json()).toMatchObject({
    type: 'https://rtcstack.dev/errors/forbidden',
    detail: 'This link has expired',
  })
})

test('what is no link of this server opens nothing', async () => {
  const { origin, link } = await serve()
  const wrong = new URL(await link())
  wrong.searchParams.set('name', 'other.mp4')
  for (const url of [
    wrong,
    `${origin}/blobs/${key}`,
    `${origin}/blobs/`,
    `${origin}/blobs/..%2f..%2flinks-key`,
  ]) {
    const answer = await fetch(url)
    expect(answer.status).toBe(403)
    expect(await answer.json()).toMatchObject({ detail: 'This is not a link of this server' })
  }
})

test('a blob that was deleted is not found, and its link still right', async () => {
  const { store, link } = await serve()
  const url = await link()
  await store.delete(key)
  expect((await fetch(url)).status).toBe(404)
  expect((await fetch(url, { method: 'HEAD' })).status).toBe(404)
})

test('whoever guesses at links has to wait, and a right link never has to', async () => {
  const { origin, link } = await serve(2)
  const statuses: number[] = []
  for (let count = 0; count < 4; count++) statuses.push((await fetch(`${origin}/blobs/guess.mp4`)).status)
  expect(statuses).toEqual([403, 403, 429, 429])
  expect((await fetch(await link())).status).toBe(200)
})
