import { createRequire } from 'node:module'
import { dirname } from 'node:path'
import fastifyStatic from '@fastify/static'
import { getOpenApi, getProblemPage, operations, toOpenApi } from '@rtcstack/contract'
import type { FastifyReply } from 'fastify'
import { problems } from '../http/problem.ts'
import { answer, type Route } from '../http/router.ts'
import type { HttpServer } from '../http/server.ts'
import { docsPage, docsScript, problemPage } from './pages.ts'

const docsPolicy =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
const problemPolicy =
  "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

/** The API describes itself: its OpenAPI document, a reference to read and try, and a page for each problem. */
export async function registerDocumentationRoutes(
  app: HttpServer,
  route: Route,
  version: string,
): Promise<void> {
  const document = toOpenApi(operations, version) as { openapi: string }
  route(getOpenApi, async () => answer(200, document))

  route(getProblemPage, async ({ params, reply }) => {
    const text = problemPage(params.slug)
    if (text === undefined) throw problems.routeNotFound()
    reply.header('content-security-policy', problemPolicy)
    return answer(200, text)
  })

  const undocumented = { config: { undocumented: 'a page, not an operation' } }
  app.get('/docs', undocumented, async (_request, reply: FastifyReply) =>
    reply.header('content-security-policy', docsPolicy).type('text/html; charset=utf-8').send(docsPage),
  )
  app.get('/docs/start.js', undocumented, async (_request, reply: FastifyReply) =>
    reply.type('text/javascript; charset=utf-8').send(docsScript),
  )
  await app.register(fastifyStatic, {
    root: dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json')),
    prefix: '/docs/assets/',
    index: false,
    allowedPath: (path) => /^\/swagger-ui(-bundle)?\.(css|js)$/.test(path),
    maxAge: 86_400_000,
  })
}
