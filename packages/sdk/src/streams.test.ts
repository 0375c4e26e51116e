import { expect, test } from 'vitest'
import { createClient } from './client.ts'
import { ConnectionError, ProblemError } from './errors.ts'

const film = new Uint8Array([0, 1, 2, 3, 4, 5, 6, 7])

/** A client whose requests are answered in turn, and the requests it made. */
function clientWith(...answers: (Response | Error)[]) {
  const asked: Request[] = []
  const fetch = async (input: string | URL | Request, init?: RequestInit) => {
    asked.push(new Request(input, init))
    const answer = answers.shift() ?? new Error('asked too often')
    if (answer instanceof Error) throw answer
    return answer
  }
  return { recordings: createClient({ url: 'http://calls.test', apiKey: 'k', fetch }).recordings, asked }
}

const refusal = (status: number, slug: string, headers: Record<string, string> = {}) =>
  Response.json(
    { type: `https://rtcstack.dev/errors/${slug}`, title: 'T', status, detail: 'D', requestId: 'q' },
    { status, headers: { 'content-type': 'application/problem+json', ...headers } },
  )

test('a file is given unread, with its headers and by the key', async () => {
  const { recordings, asked } = clientWith(new Response(film, { headers: { etag: '"1"' } }))
  const answer = await recordings.file('EG_1')
  expect([answer.status, answer.headers.get('etag'), answer.bodyUsed]).toEqual([200, '"1"', false])
  expect(await answer.bytes()).toEqual(film)
  expect(asked[0]?.url).toBe('http://calls.test/v1/recordings/EG_1/file')
  expect([asked[0]?.headers.get('x-api-key'), asked[0]?.headers.has('range')]).toEqual(['k', false])
})

test.each([
  [{ start: 5 }, 'bytes=5-'],
  [{ start: 0, end: 1 }, 'bytes=0-0'],
  [{ start: 2, end: 4 }, 'bytes=2-3'],
])('the range %o is asked for as %o', async (range, header) => {
  const { recordings, asked } = clientWith(new Response(film, { status: 206 }))
  const answer = await recordings.getRenderFile('EG_1', 'RN_1', { range, headers: { 'If-Range': '"1"' } })
  expect(answer.status).toBe(206)
  expect(asked[0]?.url).toBe('http://calls.test/v1/recordings/EG_1/renders/RN_1/file')
  expect([asked[0]?.headers.get('range'), asked[0]?.headers.get('if-range')]).toEqual([header, '"1"'])
})

test('a store that is away is tried again, a file that is not there yet is a problem at once', async () => {
  const away = refusal(503, 'storage-unavailable', { 'retry-after': '0' })
  const passing = clientWith(away, new TypeError('reset'), new Response(film))
  expect((await passing.recordings.file('EG_1')).ok).toBe(true)
  expect(passing.asked).toHaveLength(3)
  const refused = clientWith(refusal(409, 'conflict'))
  const error = await refused.recordings.file('EG_1').catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(ProblemError)
  expect([(error as ProblemError).slug, refused.asked.length]).toEqual(['conflict', 1])
})

test('retries end with the last error, and an abort with the caller’s reason', async () => {
  const reset = () => new TypeError('reset')
  await expect(clientWith(reset(), reset(), reset()).recordings.file('EG_1')).rejects.toThrow(ConnectionError)
  const signal = AbortSignal.abort(new Error('not needed'))
  await expect(clientWith(reset()).recordings.file('EG_1', { signal })).rejects.toThrow('not needed')
})
