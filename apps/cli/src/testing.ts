import { run } from './run.ts'

/** What a path is answered with: JSON, or whatever a function of the request makes. */
export type Answer =
  | { status?: number; body?: unknown }
  | ((request: Request) => Response | Promise<Response>)

/** A refusal of the API. */
export const problem = (status: number, rest: object = {}) => ({
  status,
  body: {
    type: 'https://rtcstack.dev/errors/some',
    title: 'T',
    status,
    detail: 'D',
    requestId: 'q1',
    ...rest,
  },
})

/** Runs a command line against answers by path; what it printed and asked for. */
export async function runWith(
  argv: string[],
  answers: Record<string, Answer> = {},
  { env = { API_SECRET: 'k' }, signal = new AbortController().signal }: Partial<RunOptions> = {},
) {
  const printed = { out: '', err: '' }
  const asked: Request[] = []
  const fetch = async (input: string | URL | Request, init?: RequestInit) => {
    const request = new Request(input, init)
    asked.push(request.clone())
    const answer = answers[new URL(request.url).pathname] ?? problem(404)
    return typeof answer === 'function' ? answer(request) : respond(answer)
  }
  const code = await run(argv, {
    stdout: { write: (text) => (printed.out += text) },
    stderr: { write: (text) => (printed.err += text) },
    env,
    fetch,
    untilInterrupted: () => signal,
  })
  return { code, ...printed, asked }
}

interface RunOptions {
  env: Record<string, string>
  signal: AbortSignal
}

function respond({ status = 200, body }: { status?: number; body?: unknown }): Response {
  const type = status < 400 ? 'application/json' : 'application/problem+json'
  return new Response(body === undefined ? null : JSON.stringify(body), {
    status,
    headers: { 'content-type': type },
  })
}
