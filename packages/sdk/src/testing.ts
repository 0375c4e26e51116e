/** A connection that a stream of events has made, in the hands of a test. */
export interface Connection {
  readonly request: Request
  readonly isCancelled: boolean
  send(text: string): void
  end(): void
  break(): void
}

/** Answers requests for a stream, each by a connection; an abort of the request is not heeded after that, as by some fetches. */
export function createConnections() {
  const connections: Connection[] = []
  return {
    connections,
    connect(request: Request): Response {
      let isCancelled = false
      let sender: ReadableStreamDefaultController<Uint8Array>
      const body = new ReadableStream<Uint8Array>({
        start: (controller) => {
          sender = controller
        },
        cancel: () => {
          isCancelled = true
        },
      })
      connections.push({
        request,
        get isCancelled() {
          return isCancelled
        },
        send: (text) => sender.enqueue(new TextEncoder().encode(text)),
        end: () => sender.close(),
        break: () => sender.error(new TypeError('terminated')),
      })
      return new Response(body, { headers: { 'content-type': 'text/event-stream; charset=utf-8' } })
    },
  }
}
