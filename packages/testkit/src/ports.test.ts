import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { expect, it } from 'vitest'
import { freeTcpPort, freeUdpPort } from './ports.ts'

it('finds a TCP port that can be listened on', async () => {
  const server = createServer().listen(await freeTcpPort(), '127.0.0.1')
  await expect(once(server, 'listening')).resolves.toEqual([])
  server.close()
})

it('finds a UDP port that can be bound', async () => {
  const socket = createSocket('udp4').bind(await freeUdpPort(), '127.0.0.1')
  await expect(once(socket, 'listening')).resolves.toEqual([])
  socket.close()
})
