import { joinCall } from '@rtcstack/testkit'
import { expect, test } from 'vitest'
import { uniqueName, useServer } from './product.ts'

const product = useServer({ LOG_LEVEL: 'debug' })

test('at the loudest useful level the log holds no key, token, name or identity', async () => {
  const room = uniqueName('secret-room')
  const { token, url } = await product.token(room, 'secret-identity', 'host')
  await using caller = await joinCall({ token, url })
  await fetch(`${product.server.url}/rtc/validate?access_token=${token}`)
  await fetch(`${product.server.url}/v1/rooms/${room}`, {
    headers: { authorization: `Bearer ${token}`, 'x-api-key': 'secret-wrong-key' },
  })
  await product.client.participants.remove(room, caller.identity)
  const ours = product.server
    .output()
    .split('\n')
    .filter((line) => !line.includes('"child":"livekit-server"'))
    .join('\n')
  expect(ours).toContain('request answered')
  for (const secret of [token, token.split('.')[2] ?? '', product.server.apiSecret, 'secret-'])
    expect(ours).not.toContain(secret)
})
