import { findProgram, isExecutable } from './find-program.ts'
import { freeTcpPort, freeUdpPort } from './ports.ts'
import { superviseProgram } from './supervised-program.ts'

export interface StartLiveKitOptions {
  /** Where it posts its events; nowhere unless given. */
  webhookUrls?: string[]
  /** Put over the settings of its media. */
  rtc?: object
}

/** A livekit-server on loopback that no server of ours looks after. */
export interface RunningLiveKit {
  /** Its API and signalling, such as `http://127.0.0.1:23456`; the same after a restart. */
  readonly url: string
  /** Port of its media; the same after a restart. */
  readonly udpPort: number
  readonly apiKey: string
  readonly apiSecret: string
  /** SIGKILL, as a crash would: it says goodbye to nobody. */
  kill(): Promise<void>
  /** Kills it unless it was, and starts it again. It remembers nothing. */
  restart(): Promise<void>
  /** Ends it, without waiting for who is still in a call. */
  stop(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

const apiKey = 'testkit'
const apiSecret = 'a secret of no value, for loopback only'

/** Path of a livekit-server: LIVEKIT_SERVER, or the one on the PATH, or undefined. */
export const findLiveKit = (): string | undefined =>
  [process.env.LIVEKIT_SERVER ?? ''].find(isExecutable) ?? findProgram('livekit-server')

/** Starts a livekit-server on free loopback ports; throws where there is none to be found. */
export async function startLiveKit(options: StartLiveKitOptions = {}): Promise<RunningLiveKit> {
  const { webhookUrls = [], rtc = {} } = options
  const binary = findLiveKit()
  if (!binary) throw new Error('neither LIVEKIT_SERVER nor the PATH names a livekit-server')
  const port = await freeTcpPort()
  const udpPort = await freeUdpPort()
  const url = `http://127.0.0.1:${port}`
  const config = {
    port,
    bind_addresses: ['127.0.0.1'],
    keys: { [apiKey]: apiSecret },
    logging: { level: 'error' },
    room: { enable_remote_unmute: true },
    webhook: { api_key: apiKey, urls: webhookUrls },
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
  const program = superviseProgram({
    command: [binary],
    env: { LIVEKIT_CONFIG: JSON.stringify(config) },
    ready: async () => (await fetch(url)).ok,
    readyTimeoutMs: 20_000,
  })
  const stop = async () => {
    // Told to end, LiveKit waits for who is still in a call.
    await program.kill()
    await program.stop()
  }
  await program.start()
  return {
    url,
    udpPort,
    apiKey,
    apiSecret,
    kill: program.kill,
    restart: async () => {
      await program.kill()
      await program.start()
    },
    stop,
    [Symbol.asyncDispose]: stop,
  }
}
