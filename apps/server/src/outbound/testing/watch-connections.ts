import { BlockList, createServer, isIPv6 } from 'node:net'
import { constants } from 'node:os'

/** Node's handle of a TCP socket: where an address is given to the operating system. */
type Connect = (request: object, address: string, port: number) => number
type TcpPrototype = { connect: Connect; connect6: Connect }

const loopback = new BlockList()
loopback.addSubnet('127.0.0.0', 8, 'ipv4')
loopback.addAddress('::1', 'ipv6')

/**
 * Records every address that any socket of this process tries to connect to, by whatever library. Only loopback is let
 * through: what would leave the machine is refused, or hangs as if nobody answered.
 */
export function watchConnections({ outside = 'refused' }: { outside?: 'refused' | 'hanging' } = {}) {
  const attempts: { address: string; port: number }[] = []
  const prototype = tcpPrototype()
  const { connect, connect6 } = prototype
  const watched = (real: Connect): Connect =>
    function (this: unknown, request, address, port) {
      attempts.push({ address, port })
      if (loopback.check(address, isIPv6(address) ? 'ipv6' : 'ipv4'))
        return real.call(this, request, address, port)
      return outside === 'hanging' ? 0 : -constants.errno.ECONNREFUSED
    }
  prototype.connect = watched(connect)
  prototype.connect6 = watched(connect6)
  return {
    attempts,
    [Symbol.dispose]: () => Object.assign(prototype, { connect, connect6 }),
  }
}

/** The prototype is not exported; a socket that listens has a handle of that kind. */
function tcpPrototype(): TcpPrototype {
  const server = createServer().listen(0)
  const { _handle: handle } = server as unknown as { _handle: object }
  server.close()
  return Object.getPrototypeOf(handle) as TcpPrototype
}
