import { createServer } from 'node:net'

/** Throws, before anything is started or built, when the address to listen on is not to be had. */
export async function requireFreePort(host: string, port: number): Promise<void> {
  const server = createServer()
  try {
    await new Promise<void>((resolve, reject) => server.once('error', reject).listen({ host, port }, resolve))
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EADDRINUSE')
      throw new Error(`Port ${port} of ${host} is in use: end what uses it, or set PORT to another.`)
    throw new Error(
      `Cannot listen on ${host}:${port} (${code}): set HOST and PORT to an address of this machine.`,
    )
  }
  await new Promise((resolve) => server.close(resolve))
}
