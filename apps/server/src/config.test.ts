import { expect, test } from 'vitest'
import { isLoopback, readConfig } from './config.ts'
import { ConfigError } from './setting-kinds.ts'

test('an empty environment gives the documented defaults', () => {
  expect(readConfig({})).toMatchObject({
    PORT: 3000,
    HOST: '127.0.0.1',
    DATA_DIR: '.rtcstack',
    LIVEKIT_UDP_PORT: 7882,
    RTMP_PORT: 1935,
  })
})

test('a comma list of keys is read for rotation', () => {
  expect(readConfig({ API_SECRET: 'new-key, old-key' }).API_SECRET).toEqual(['new-key', 'old-key'])
})

test.each([
  [{ PORT: '70000' }, 'PORT must be a whole number from 1 to 65535'],
  [{ PORT: '3000x' }, 'PORT must be'],
  [{ PUBLIC_URL: 'calls.example.com' }, 'PUBLIC_URL must be a URL of http, https'],
  [{ LIVEKIT_URL: 'ws://127.0.0.1:7880' }, 'LIVEKIT_URL needs LIVEKIT_API_KEY and LIVEKIT_API_SECRET'],
  [
    { MINIO_ENDPOINT: 'http://minio:9000', MINIO_ACCESS_KEY: 'k' },
    'MINIO_ENDPOINT needs MINIO_ACCESS_KEY and MINIO_SECRET_KEY',
  ],
  [{ MINIO_SECRET_KEY: 's' }, 'MINIO_SECRET_KEY needs MINIO_ENDPOINT'],
  [{ MINIO_PUBLIC_ENDPOINT: 'https://files.example.com' }, 'MINIO_PUBLIC_ENDPOINT needs MINIO_ENDPOINT'],
  [{ MINIO_ENDPOINT: 'minio:9000' }, 'MINIO_ENDPOINT must be a URL of http, https'],
  [{ RECORDER: 'livekit-egress' }, 'RECORDER=livekit-egress needs LIVEKIT_URL'],
  [{ RECORDER: 'livekit-egress' }, 'needs MINIO_ENDPOINT, MINIO_ACCESS_KEY and MINIO_SECRET_KEY'],
  [{ INGRESS: 'livekit' }, 'INGRESS=livekit needs LIVEKIT_URL'],
  [{ HOST: '0.0.0.0', API_SECRET: 'short' }, 'API_SECRET must have 32 characters or more'],
  [{ RTCSTACK_PORT: '3000' }, 'RTCSTACK_PORT is not a setting: the setting is called PORT'],
  [{ LOG_LEVEL: 'loud' }, 'LOG_LEVEL must be one of'],
])('%o is refused by name', (env, message) => {
  expect(() => readConfig(env)).toThrow(ConfigError)
  expect(() => readConfig(env)).toThrow(message)
})

test('everything wrong is named at once', () => {
  expect(() => readConfig({ PORT: 'x', LOG_LEVEL: 'y' })).toThrow(/PORT[\s\S]*LOG_LEVEL/)
})

test.each(['127.0.0.1', '127.8.8.8', '::1', 'localhost'])('%s is loopback', (host) =>
  expect(isLoopback(host)).toBe(true),
)

test.each(['0.0.0.0', '::', '10.0.0.1', '127.example.com'])('%s is public', (host) =>
  expect(isLoopback(host)).toBe(false),
)
