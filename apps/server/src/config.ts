import { isIP } from 'node:net'
import {
  ConfigError,
  cidrs,
  integer,
  list,
  oneOf,
  port,
  type Setting,
  seconds,
  text,
  url,
} from './setting-kinds.ts'

/** Every setting of the server: its name in the environment, default, rule and meaning. */
export const settings = {
  PORT: port(3000, 'Port of the API, the signalling and the pages.'),
  HOST: text('127.0.0.1', 'Address to listen on; 0.0.0.0 for all.'),
  DATA_DIR: text('.rtcstack', 'Folder of everything this server keeps.'),
  API_SECRET: list(
    '',
    'The API key; a comma list while rotating. Generated and kept in DATA_DIR when unset.',
  ),
  PUBLIC_URL: url(
    ['http', 'https'],
    'Origin that clients reach this server at; from the request when unset.',
  ),
  DATABASE_URL: url(
    ['postgres', 'postgresql'],
    'PostgreSQL 15 or later, without a pooler by transactions in between; a managed one starts when unset.',
  ),
  LIVEKIT_URL: url(['http', 'https', 'ws', 'wss'], 'LiveKit server; a managed one starts when unset.'),
  LIVEKIT_API_KEY: text('', 'API key of LIVEKIT_URL.'),
  LIVEKIT_API_SECRET: text('', 'API secret of LIVEKIT_URL.'),
  LIVEKIT_UDP_PORT: port(7882, 'UDP port of the managed LiveKit’s media.'),
  LIVEKIT_NODE_IP: text('', 'Address that clients reach the managed LiveKit’s media at; found when unset.'),
  MINIO_ENDPOINT: url(
    ['http', 'https'],
    'S3 server that recordings are kept at, MinIO or any other; on disk in DATA_DIR when unset.',
  ),
  MINIO_PUBLIC_ENDPOINT: url(
    ['http', 'https'],
    'URL that browsers reach the same S3 server at, for download links; MINIO_ENDPOINT when unset.',
  ),
  MINIO_BUCKET: text('recordings', 'Bucket of the S3 server; made when there is none.'),
  MINIO_ACCESS_KEY: text('', 'Access key of MINIO_ENDPOINT.'),
  MINIO_SECRET_KEY: text('', 'Secret key of MINIO_ENDPOINT.'),
  MINIO_REGION: text('us-east-1', 'Region of the S3 server.'),
  RTMP_PORT: port(1935, 'TCP port for RTMP publishers.'),
  INGRESS: oneOf(
    'built-in',
    ['built-in', 'livekit'],
    'Who takes the streams of new ingress endpoints: this server, or LiveKit’s Ingress service beside LIVEKIT_URL.',
  ),
  INGRESS_MAX: integer(1000, 1, 100_000, 'Ingress endpoints that there may be, over all rooms.'),
  INGRESS_MAX_PER_ROOM: integer(20, 1, 1000, 'Ingress endpoints that a room may have.'),
  SECRETS_KEY: list(
    '',
    'Key that stored secrets are sealed with, the same for all servers of one database; a comma list, newest first, while changing. Generated and kept in DATA_DIR when unset.',
  ),
  WEBHOOK_ALLOW_CIDRS: cidrs(
    'Private networks that webhooks may reach, comma list; "none" for none. Loopback when unset and HOST is loopback, else none.',
  ),
  WEBHOOK_RETRY_SECONDS: seconds(
    '5,300,1800,7200,18000,36000,50400,72000,86400',
    'Pauses between the attempts of a delivery, comma list.',
  ),
  SESSION_RETENTION_DAYS: integer(0, 0, 36_500, 'Days after its end that a session is kept; 0 for good.'),
  RECORDER: oneOf(
    'capture',
    ['capture', 'livekit-egress'],
    'What records: this server, or LiveKit’s Egress service beside LIVEKIT_URL, which needs MINIO_ENDPOINT.',
  ),
  RECORDING_MAX_CAPTURES: integer(
    0,
    0,
    1000,
    'Rooms that this server records at once; 0 for ten for each processor, or as many as LiveKit’s Egress takes.',
  ),
  RECORDING_MAX_MINUTES: integer(1440, 0, 100_000, 'Minutes after which a recording ends; 0 for never.'),
  RECORDING_EMPTY_ROOM_SECONDS: integer(
    60,
    0,
    86_400,
    'Seconds without anyone in the room after which its recording ends; 0 for when the room closes.',
  ),
  RECORDING_MIN_FREE_MB: integer(
    1024,
    0,
    1e9,
    'Free megabytes in DATA_DIR below which recordings end and none begins.',
  ),
  RECORDING_RETENTION_DAYS: integer(
    0,
    0,
    36_500,
    'Days after its end that a recording is deleted with all that was kept of it; 0 for never.',
  ),
  RECORDING_TRACKS_RETENTION_DAYS: integer(
    0,
    0,
    36_500,
    'Days after its end that the tracks of a recording are deleted, and its file stays; 0 for with the recording.',
  ),
  RENDER_WIDTH: integer(1280, 320, 3840, 'Pixels of the width of recordings; even.'),
  RENDER_HEIGHT: integer(720, 180, 2160, 'Pixels of the height of recordings; even.'),
  RENDER_FPS: integer(25, 5, 60, 'Frames a second of recordings.'),
  RENDER_CRF: integer(
    25,
    0,
    51,
    'Quality of recordings: x264’s constant rate factor, lower is better and larger.',
  ),
  RENDER_LAYOUT: oneOf(
    'screen',
    ['screen', 'grid', 'speaker', 'single'],
    'Layout of recordings: what is shared large and else a grid, all alike, who speaks large, or who speaks alone.',
  ),
  RENDER_CONCURRENCY: integer(
    0,
    0,
    1000,
    'ffmpeg processes that render at once, at low priority; 0 for one for each processor.',
  ),
  CORS_ORIGINS: list('', 'Browser origins that may call the API, comma list; none by default.'),
  TRUST_PROXY: list('', 'Addresses or networks of proxies whose X-Forwarded-* headers count, comma list.'),
  LOG_LEVEL: oneOf(
    'info',
    ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'],
    'Least severe log line.',
  ),
  RATE_LIMIT_TOKEN: integer(1_200_000, 1, 1e9, 'Token requests a minute, for each API key.'),
  RATE_LIMIT_READ: integer(600_000, 1, 1e9, 'Reading requests a minute, for each API key.'),
  RATE_LIMIT_WRITE: integer(300_000, 1, 1e9, 'Changing requests a minute, for each API key.'),
  RATE_LIMIT_WEBHOOK_TEST: integer(60, 1, 1e9, 'Test deliveries a minute, for each API key.'),
  RATE_LIMIT_PARTICIPANT: integer(300, 1, 1e9, 'Requests a minute with one participant’s own token.'),
  RATE_LIMIT_AUTH_FAILURES: integer(1000, 1, 1e9, 'Refused credentials a minute, for each client address.'),
} as const satisfies Record<string, Setting<unknown>>

/** The settings in force, read once. Names are those of the environment. */
export type Config = {
  readonly [Name in keyof typeof settings]: ReturnType<(typeof settings)[Name]['parse']>
}

/** Names that begin with RTCSTACK_ and are read by other programs of ours. */
const namesOfOthers = new Set(['RTCSTACK_URL'])

/** Reads the settings from an environment; throws one ConfigError that names everything wrong. */
export function readConfig(env: NodeJS.ProcessEnv): Config {
  const faults: string[] = unknownNames(env)
  const values = Object.entries(settings).map(([name, setting]) => {
    try {
      return [name, setting.parse(env[name]?.trim() || setting.default)]
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error
      faults.push(`${name} ${error.message}`)
      return [name, undefined]
    }
  })
  const config = Object.fromEntries(values) as Config
  if (faults.length === 0) faults.push(...contradictions(config))
  if (faults.length > 0) throw new ConfigError(faults.join('\n'))
  return Object.freeze(config)
}

function unknownNames(env: NodeJS.ProcessEnv): string[] {
  return Object.keys(env)
    .filter((name) => name.startsWith('RTCSTACK_') && !namesOfOthers.has(name))
    .map((name) => {
      const plain = name.slice('RTCSTACK_'.length)
      const hint =
        plain in settings ? `: the setting is called ${plain}` : ': see .env.example for the settings'
      return `${name} is not a setting${hint}`
    })
}

function contradictions(config: Config): string[] {
  const faults: string[] = []
  if (config.LIVEKIT_URL && !(config.LIVEKIT_API_KEY && config.LIVEKIT_API_SECRET))
    faults.push('LIVEKIT_URL needs LIVEKIT_API_KEY and LIVEKIT_API_SECRET')
  if (config.MINIO_ENDPOINT && !(config.MINIO_ACCESS_KEY && config.MINIO_SECRET_KEY))
    faults.push('MINIO_ENDPOINT needs MINIO_ACCESS_KEY and MINIO_SECRET_KEY')
  for (const name of ['MINIO_PUBLIC_ENDPOINT', 'MINIO_ACCESS_KEY', 'MINIO_SECRET_KEY'] as const)
    if (config[name] && !config.MINIO_ENDPOINT)
      faults.push(`${name} needs MINIO_ENDPOINT: without it recordings would be kept on disk`)
  // LiveKit's Egress runs elsewhere, and hears of recordings through Redis.
  if (config.RECORDER === 'livekit-egress' && !config.LIVEKIT_URL)
    faults.push('RECORDER=livekit-egress needs LIVEKIT_URL: the managed LiveKit has no Redis')
  if (config.RECORDER === 'livekit-egress' && !config.MINIO_ENDPOINT)
    faults.push(
      'RECORDER=livekit-egress needs MINIO_ENDPOINT, MINIO_ACCESS_KEY and MINIO_SECRET_KEY: Egress stores recordings there',
    )
  if (config.INGRESS === 'livekit' && !config.LIVEKIT_URL)
    faults.push('INGRESS=livekit needs LIVEKIT_URL: the managed LiveKit has no Redis')
  if (!isLoopback(config.HOST) && config.API_SECRET.some((secret) => secret.length < 32))
    faults.push(
      `API_SECRET must have 32 characters or more while HOST is ${config.HOST}: make one with "openssl rand -base64 32", or unset it`,
    )
  if (config.SECRETS_KEY.some((key) => key.length < 32))
    faults.push('SECRETS_KEY must have 32 characters or more: make one with "openssl rand -base64 32"')
  for (const name of ['RENDER_WIDTH', 'RENDER_HEIGHT'] as const)
    if (config[name] % 2 !== 0) faults.push(`${name} must be even: H.264 has no odd sizes`)
  if (config.LIVEKIT_NODE_IP && !isIP(config.LIVEKIT_NODE_IP))
    faults.push('LIVEKIT_NODE_IP must be an IP address')
  return faults
}

/** Whether an address to listen on can only be reached from this machine. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host)
}

/** Networks that webhooks may reach although they are not public: this machine's own only while nobody else reaches it. */
export const webhookNetworks = ({
  HOST,
  WEBHOOK_ALLOW_CIDRS,
}: Pick<Config, 'HOST' | 'WEBHOOK_ALLOW_CIDRS'>) =>
  WEBHOOK_ALLOW_CIDRS ?? (isLoopback(HOST) ? ['127.0.0.0/8', '::1/128'] : [])

/** Where processes of this machine reach the API. */
export function localOrigin({ HOST, PORT }: Pick<Config, 'HOST' | 'PORT'>): string {
  const host =
    HOST === '0.0.0.0' ? '127.0.0.1' : HOST === '::' ? '[::1]' : HOST.includes(':') ? `[${HOST}]` : HOST
  return `http://${host}:${PORT}`
}
