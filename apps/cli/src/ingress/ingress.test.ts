import { expect, test } from 'vitest'
import { runWith } from '../testing.ts'

const endpoint = (inputType: string, url: string) => ({
  ingressId: 'IN_1',
  streamKey: 'the-key',
  url,
  inputType,
  roomName: 'stage',
  participantIdentity: 'ingress-1',
  participantName: 'Camera',
  state: { status: 'ENDPOINT_INACTIVE', error: '', tracks: [] },
})
const path = '/v1/rooms/stage/ingress'

test('create asks for what the options say, and shows the server and the token for OBS', async () => {
  const { code, out, asked } = await runWith(
    ['ingress', 'create', 'stage', '--type', 'whip', '--name', 'Camera'],
    {
      [path]: { status: 201, body: endpoint('WHIP_INPUT', 'https://calls.example.com/whip') },
    },
  )
  expect(code).toBe(0)
  expect(await asked[0]?.json()).toEqual({ type: 'whip', participantName: 'Camera' })
  expect(out).toMatch(/Server +https:\/\/calls\.example\.com\/whip\n +Bearer Token +the-key\n/)
  expect(out).toContain('whip-endpoint="https://calls.example.com/whip" auth-token="the-key"')
})

test('create makes an endpoint of RTMP unless told, and shows a line of ffmpeg', async () => {
  const { out, asked } = await runWith(['ingress', 'create', 'stage'], {
    [path]: { status: 201, body: endpoint('RTMP_INPUT', 'rtmp://calls.example.com:1935/live') },
  })
  expect(await asked[0]?.json()).toEqual({ type: 'rtmp' })
  expect(out).toContain('-f flv rtmp://calls.example.com:1935/live/the-key')
})

test('list shows the states, and no key', async () => {
  const { out } = await runWith(['ingress', 'list', 'stage'], {
    [path]: { body: { ingress: [endpoint('WHIP_INPUT', 'https://x/whip')], nextCursor: null } },
  })
  expect(out).toMatch(/IN_1 +whip +inactive +ingress-1 +Camera/)
  expect(out).not.toContain('the-key')
})

test('delete deletes the one of that room', async () => {
  const { code, asked } = await runWith(['ingress', 'delete', 'stage', 'IN_1'], {
    [`${path}/IN_1`]: { status: 204 },
  })
  expect([code, asked[0]?.method]).toEqual([0, 'DELETE'])
})
