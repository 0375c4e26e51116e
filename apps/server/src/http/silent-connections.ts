import type { Socket } from 'node:net'
import type { FastifyInstance } from 'fastify'

/**
 * Breaks, at the end, connections on which nothing was ever said, such as those that browsers open ahead: Node does not
 * count them as idle, and would wait for them.
 */
export function endSilentConnections(app: FastifyInstance): void {
  const open = new Set<Socket>()
  app.server.on('connection', (socket: Socket) => {
    open.add(socket)
    socket.once('close', () => open.delete(socket))
  })
  app.addHook('preClose', async () => {
    for (const socket of open) if (socket.bytesRead === 0) socket.destroy()
  })
}
