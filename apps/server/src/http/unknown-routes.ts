import { operations } from '@rtcstack/contract'
import { problems } from './problem.ts'
import type { HttpServer } from './server.ts'

/** Answers 405 with Allow where only the method is wrong, and 404 elsewhere. */
export function refuseUnknownRoutes(app: HttpServer): void {
  const paths = [...new Set(operations.map((operation) => operation.path))].map((path) => ({
    pattern: new RegExp(`^${path.replaceAll('.', '\\.').replace(/:\w+/g, '[^/]+')}$`),
    methods: operations
      .filter((operation) => operation.path === path)
      .map((operation) => operation.method as string),
  }))
  app.setNotFoundHandler((request) => {
    // A client may name the whole address, as to a proxy; the router has then looked at its path alone.
    const path = request.url.replace(/^https?:\/\/[^/?]*/i, '').split('?', 1)[0] ?? ''
    const known = paths.find(({ pattern }) => pattern.test(path))
    if (!known) throw problems.routeNotFound()
    throw problems.methodNotAllowed(
      known.methods.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method])),
    )
  })
}
