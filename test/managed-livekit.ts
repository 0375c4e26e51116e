import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** Where a test server's managed LiveKit listens, and its keys: what only the operator of the machine can read. */
export async function liveKitOf(
  dataDirectory: string,
): Promise<{ url: string; apiKey: string; apiSecret: string }> {
  const config = JSON.parse(await readFile(join(dataDirectory, 'livekit', 'config.yaml'), 'utf8')) as {
    port: number
    keys: Record<string, string>
  }
  const [apiKey = '', apiSecret = ''] = Object.entries(config.keys)[0] ?? []
  return { url: `http://127.0.0.1:${config.port}`, apiKey, apiSecret }
}
