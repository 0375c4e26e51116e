import { expect, test } from 'vitest'
import { openLink, signLink } from './link.ts'

const signingKey = Buffer.alloc(32, 1)
const now = new Date('2026-01-01T12:00:00.400Z')
const options = {
  expiresInSeconds: 60,
  fileName: 'Réunion.mp4',
  origin: 'https://calls.example.com',
  signingKey,
  now,
}
const open = (link: string | URL, at = now, key = signingKey) => openLink(link, { signingKey: key, now: at })
const after = (seconds: number) => new Date(now.getTime() + seconds * 1000)

test('a link opens as a URL, and as path and query of a request', () => {
  const link = signLink('rooms/ä b/1.mp4', options)
  const opened = { key: 'rooms/ä b/1.mp4', fileName: 'Réunion.mp4' }
  expect(
    link.startsWith('https://calls.example.com/blobs/rooms/%C3%A4%20b/1.mp4?expires=1767268860&name='),
  ).toBe(true)
  expect(open(link)).toEqual(opened)
  expect(open(new URL(link))).toEqual(opened)
  expect(open(link.slice('https://calls.example.com'.length))).toEqual(opened)
})

test('a link opens to the second that it was made for', () => {
  const link = signLink('a.mp4', options)
  expect(open(link, after(59))).toMatchObject({ key: 'a.mp4' })
  expect(open(link, after(60))).toEqual({ refused: 'expired' })
})

test('a link of another key opens nothing, be it expired or not', () => {
  const link = signLink('a.mp4', options)
  for (const at of [now, after(3600)])
    expect(open(link, at, Buffer.alloc(32, 2))).toEqual({ refused: 'invalid' })
})

test('what is said in one part cannot be moved to another', () => {
  const link = new URL(signLink('a/b.mp4', { ...options, fileName: 'c' }))
  const moved = new URL(link)
  moved.pathname = '/blobs/a'
  moved.searchParams.set('name', 'b.mp4c')
  expect(open(moved)).toEqual({ refused: 'invalid' })
})

test.each([
  '/',
  '/blobs/',
  '/blobs/a.mp4',
  '/blobs/%',
  '/blobs/..%2f..%2fetc/passwd?expires=9999999999&name=x&signature=x',
  '/other/a.mp4?expires=9999999999&name=x&signature=x',
  '/blobs/a.mp4?expires=9999999999&name=x&signature=',
  'http://[',
])('%s opens nothing', (link) => {
  expect(open(link)).toEqual({ refused: 'invalid' })
})
