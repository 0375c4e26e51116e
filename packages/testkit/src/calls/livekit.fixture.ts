import { createHmac } from 'node:crypto'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { freeTcpPort, freeUdpPort } from '../ports.ts'
import { superviseProgram } from '../supervised-program.ts'

const apiKey = 'testkit'
const apiSecret = 'a secret of no value, for loopback only'

/** Path of a livekit-server: LIVEKIT_SERVER, or the one on the PATH, or undefined. */
export function findLiveKit(): string | undefined {
  const onPath = (process.env.PATH ?? '').split(delimiter).map((folder) => join(folder, 'livekit-server'))
  return [process.env.LIVEKIT_SERVER ?? '', ...onPath].find(isExecutable)
}

/** Starts a livekit-server on loopback, and makes tokens and requests for it. */
export async function startLiveKit(binary: string) {
  const port = await freeTcpPort()
  const url = `http://127.0.0.1:${port}`
  const config = {
    port,
    bind_addresses: ['127.0.0.1'],
    keys: { [apiKey]: apiSecret },
    logging: { level: 'error' },
    room: { enable_remote_unmute: true },
    rtc: {
      node_ip: '127.0.0.1',
      udp_port: await freeUdpPort(),
      tcp_port: 0,
      enable_loopback_candidate: true,
      ips: { includes: ['127.0.0.1/32'] },
      use_external_ip: false,
      stun_servers: ['127.0.0.1:3478'],
    },
  }
  const program = superviseProgram({
    command: [binary],
    env: { LIVEKIT_CONFIG: JSON.stringify(config) },
    ready: async () => (await fetch(url)).ok,
    readyTimeoutMs: 20_000,
  })
  await program.start()
  return {
    url,
    // Told to end, LiveKit waits for who is still in a call.
    stop: () => program.kill().then(program.stop),
    token: (identity: string, room: string, grants: object = {}) =>
      sign({ sub: identity, name: identity, video: { roomJoin: true, room, ...grants } }),
    /** Calls a method of LiveKit's room service and resolves to its answer. */
    roomService: async (
      method: string,
      body: { room: string; [field: string]: unknown },
    ): Promise<unknown> => {
      const authorization = `Bearer ${sign({ video: { roomAdmin: true, room: body.room } })}`
      const response = await fetch(`${url}/twirp/livekit.RoomService/${method}`, {
        method: 'POST',
        headers: { authorization, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      })
      if (!response.ok) throw new Error(`${method} answered ${response.status} ${await response.text()}`)
      return response.json()
    },
  }
}

function sign(claims: object): string {
  const nowSeconds = Math.floor(Date.now() / 1000)
  const times = { nbf: nowSeconds - 5, exp: nowSeconds + 3_600 }
  const parts = [
    { alg: 'HS256', typ: 'JWT' },
    { iss: apiKey, ...times, ...claims },
  ]
  const text = parts.map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')
  return `${text}.${createHmac('sha256', apiSecret).update(text).digest('base64url')}`
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return path !== ''
  } catch {
    return false
  }
}
