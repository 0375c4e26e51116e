import { describe, expect, test } from 'vitest'
import { useServer } from '../product.ts'
import { residentMegabytes } from './memory.ts'
import { slugOf, unlikeProblem } from './problem-rules.ts'
import { openRaw, type RawConnection } from './raw-connection.ts'
import { chunkedCoding, contentLength, health, json, keyMark, post } from './raw-requests.ts'

const product = useServer()
const dribbling = new Set<RawConnection>()
const dribble = setInterval(() => {
  for (const connection of dribbling) connection.send('a')
}, 500)
dribble.unref()

/** Begins a request and lets one byte follow each half second; what came back when the server had enough. */
async function beginSlowly(text: string) {
  const connection = await openRaw(product.server.url)
  const startedAt = performance.now()
  connection.send(text.replace(keyMark, `X-API-Key: ${product.server.apiSecret}`))
  dribbling.add(connection)
  const answers = await connection.closed()
  dribbling.delete(connection)
  return { answers, seconds: (performance.now() - startedAt) / 1000 }
}

const beginnings = [
  { what: 'headers', text: health().slice(0, -4), limitSeconds: 10 },
  { what: 'a body of known length', text: post([json, contentLength(1000)], '{'), limitSeconds: 30 },
  { what: 'a body in chunks', text: post([json, chunkedCoding], 'ff\r\n{'), limitSeconds: 30 },
]

describe.concurrent('who is slow', { timeout: 45_000 }, () => {
  test.for(beginnings)(
    '$what are waited for $limitSeconds s, then told 408',
    async ({ text, limitSeconds }) => {
      const { answers, seconds } = await beginSlowly(text)
      expect(answers.map(({ status }) => status)).toEqual([408])
      expect(answers.map(unlikeProblem)).toEqual([undefined])
      expect(answers.map(slugOf)).toEqual(['request-timeout'])
      expect(seconds).toBeGreaterThan(limitSeconds - 1)
      expect(seconds).toBeLessThan(limitSeconds + 3)
    },
  )

  test('two hundred slow ones at once delay others by less than 250 ms, and are all told 408', async () => {
    const memory = await residentMegabytes(product.server.pid)
    const all = Promise.all(Array.from({ length: 200 }, () => beginSlowly(health().slice(0, -4))))
    let waiting = true
    const outcomes = all.finally(() => {
      waiting = false
    })
    const waits: number[] = []
    while (waiting) {
      const startedAt = performance.now()
      expect((await fetch(`${product.server.url}/v1/health`)).status).toBe(200)
      waits.push(performance.now() - startedAt)
      await Promise.race([outcomes, new Promise((resolve) => setTimeout(resolve, 50))])
    }
    expect(Math.max(...waits)).toBeLessThan(250)
    expect(new Set((await outcomes).map(({ answers }) => answers[0]?.status))).toEqual(new Set([408]))
    expect((await residentMegabytes(product.server.pid)) - memory).toBeLessThan(50)
  })
})
