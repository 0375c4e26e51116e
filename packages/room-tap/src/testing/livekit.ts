import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { eventually, freeTcpPort, freeUdpPort } from '@rtcstack/testkit'
import { AccessToken, RoomServiceClient, type VideoGrant } from 'livekit-server-sdk'

const apiKey = 'room-tap'
const apiSecret = 'a secret of no value, for loopback only'

/** A livekit-server on loopback, which can be killed and started again at the same address. */
export interface LiveKit {
  /** http://127.0.0.1:… */
  readonly url: string
  readonly udpPort: number
  readonly rooms: RoomServiceClient
  token(identity: string, room: string, grants?: VideoGrant): Promise<string>
  /** Of a hidden recorder. */
  recorderToken(room: string): Promise<string>
  start(): Promise<void>
  /** SIGKILL. */
  kill(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/** Starts a livekit-server from the PATH; `rtc` is put over the settings of its media. */
export async function startLiveKit({ rtc = {} }: { rtc?: object } = {}): Promise<LiveKit> {
  const [port, udpPort] = await Promise.all([freeTcpPort(), freeUdpPort()])
  const url = `http://127.0.0.1:${port}`
  const config = {
    port,
    bind_addresses: ['127.0.0.1'],
    keys: { [apiKey]: apiSecret },
    logging: { level: process.env.LIVEKIT_LOG ?? 'error' },
    room: { enable_remote_unmute: true },
    rtc: {
      node_ip: '127.0.0.1',
      udp_port: udpPort,
      tcp_port: 0,
      enable_loopback_candidate: true,
      ips: { includes: ['127.0.0.1/32'] },
      use_external_ip: false,
      stun_servers: ['127.0.0.1:3478'],
      ...rtc,
    },
  }
  let child: ChildProcess | undefined
  const kill = async () => {
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, 'exit')
    child.kill('SIGKILL')
    await ended
  }
  const start = async () => {
    child = spawn(process.env.LIVEKIT_SERVER ?? 'livekit-server', [], {
      env: { PATH: process.env.PATH, LIVEKIT_CONFIG: JSON.stringify(config) },
      stdio: ['ignore', 'ignore', process.env.LIVEKIT_LOG ? 'inherit' : 'ignore'],
    })
    await eventually(async () => (await fetch(url)).ok, { message: 'livekit-server', timeoutMs: 20_000 })
  }
  const token = (identity: string, room: string, grants: VideoGrant = {}) => {
    const made = new AccessToken(apiKey, apiSecret, { identity, name: identity })
    made.addGrant({ roomJoin: true, room, ...grants })
    return made.toJwt()
  }
  await start()
  return {
    url,
    udpPort,
    rooms: new RoomServiceClient(url, apiKey, apiSecret),
    token,
    recorderToken: (room) =>
      token('recorder', room, { hidden: true, recorder: true, canPublish: false, canSubscribe: true }),
    start,
    kill,
    [Symbol.asyncDispose]: kill,
  }
}
