import { expect, test } from 'vitest'
import { type Answer, problem, runWith } from '../testing.ts'

const recording = {
  recordingId: 'EG_1',
  egressId: 'EG_1',
  roomId: 'demo',
  status: 'ready',
  isPaused: false,
  createdAt: '2026-01-01T11:59:59.700Z',
  startedAt: '2026-01-01T12:00:00.000Z',
  endedAt: '2026-01-01T12:30:00.000Z',
  durationMs: 1_800_000,
  progress: 1,
  bucket: 'recordings',
  key: 'demo/2026-01-01T12-00-00Z-EG_1.mp4',
  sizeBytes: 161_480_291,
  endReason: 'stopped',
  error: null,
}
const file = {
  key: 'demo/2026-01-01T12-00-00Z-EG_1/ada/mic-1.ogg',
  mediaType: 'audio/ogg; codecs=opus',
  codec: 'opus',
  sizeBytes: 40_200,
  fromMs: 0,
  untilMs: 30_000,
}
const track = {
  trackSid: 'TR_1',
  participantSid: 'PA_1',
  identity: 'ada',
  name: 'Ada',
  kind: 'audio',
  source: 'MICROPHONE',
  fromMs: 0,
  untilMs: 30_000,
  files: [file],
}
const running = {
  ...recording,
  recordingId: 'EG_2',
  status: 'recording',
  isPaused: true,
  endedAt: null,
  durationMs: 65_000,
  progress: 0,
  sizeBytes: null,
  endReason: null,
}
const lost = {
  ...recording,
  status: 'failed',
  endReason: 'server-lost',
  error: 'server-lost',
  sizeBytes: null,
}

/** Runs `rtcstack recordings …` against one answer; what it sent. */
async function recordings(argv: string[], path: string, answer: Answer) {
  const { asked, ...result } = await runWith(['recordings', ...argv], { [path]: answer })
  const text = await asked[0]?.text()
  return { ...result, request: asked[0], sent: text ? JSON.parse(text) : undefined }
}

test('they are listed with what each is at, and as JSON', async () => {
  const made = { ...recording, recordingId: 'EG_3', status: 'processing', progress: 0.439, sizeBytes: null }
  const body = { recordings: [running, made, recording, lost], nextCursor: 'c1' }
  const { out, request } = await recordings(
    ['list', '--room', 'demo', '--status', 'ready', '--limit', '4'],
    '/v1/recordings',
    { body },
  )
  expect(out.split('\n')).toEqual([
    'RECORDING  ROOM  STATUS               STARTED                   LASTED  SIZE',
    'EG_2       demo  recording, paused    2026-01-01T12:00:00.000Z  1 min   -',
    'EG_3       demo  processing, 43 %     2026-01-01T12:00:00.000Z  30 min  -',
    'EG_1       demo  ready                2026-01-01T12:00:00.000Z  30 min  161.5 MB',
    'EG_1       demo  failed: server-lost  2026-01-01T12:00:00.000Z  30 min  -',
    '',
    'There are more: --cursor c1',
    '',
  ])
  expect(new URL(request?.url ?? '').search).toBe('?roomId=demo&status=ready&limit=4')
  const json = await recordings(['list', '--json'], '/v1/recordings', { body })
  expect(JSON.parse(json.out)).toEqual(body)
})

test('one is shown with its parts, its tracks and their files', async () => {
  const parts = [
    { fromMs: 0, untilMs: 30_000, status: 'rendered' },
    { fromMs: 30_000, untilMs: 3_660_500, status: 'queued' },
  ]
  const body = { ...recording, parts, tracks: [track] }
  expect((await recordings(['get', 'EG_1'], '/v1/recordings/EG_1', { body })).out.split('\n')).toEqual([
    'recording  EG_1',
    'room       demo',
    'status     ready',
    'started    2026-01-01T12:00:00.000Z',
    'ended      2026-01-01T12:30:00.000Z: it was stopped',
    'lasted     30 min',
    'file       demo/2026-01-01T12-00-00Z-EG_1.mp4 in recordings, 161.5 MB',
    '',
    'PART FROM  TO       STATUS',
    '0:00       0:30     rendered',
    '0:30       1:01:00  queued',
    '',
    'TRACK OF  SOURCE      FROM  TO    CODEC  SIZE     KEY',
    `ada       microphone  0:00  0:30  opus   40.2 kB  ${file.key}`,
    '',
  ])
})

test.each<[object, string[]]>([
  [
    { ...recording, status: 'processing', progress: 0.5, endReason: 'room-empty' },
    ['processing: 50 % of the file is made', 'the room had been empty for too long', 'file       not yet'],
  ],
  [running, ['paused: nothing is kept until it is resumed', 'file       not yet']],
  [
    lost,
    [
      'status     failed',
      'its server was lost',
      'file       none',
      'server-lost: what was recorded is on a server that is lost',
    ],
  ],
  [{ ...lost, error: 'invented-later' }, ['invented-later']],
])('%o is told in plain words', async (about, words) => {
  const body = { ...about, parts: [], tracks: [] }
  const { out } = await recordings(['get', 'EG_1'], '/v1/recordings/EG_1', { body })
  for (const text of words) expect(out).toContain(text)
  expect(out).toContain('No tracks are kept of it, or not yet.')
})

const at = '2026-01-01T12:00:00.000Z'
test.each([
  [
    'start',
    { egressId: 'EG_1', roomId: 'demo', status: 'recording', startedAt: at },
    `EG_1 records demo since ${at}.\n`,
  ],
  [
    'start',
    { egressId: 'EG_1', roomId: 'demo', status: 'already_recording', startedAt: at },
    `EG_1 records demo already, since ${at}.\n`,
  ],
  [
    'stop',
    { egressId: 'EG_1', status: 'stopped', stoppedAt: at },
    'EG_1 is stopped. See what becomes of it: rtcstack recordings get EG_1\n',
  ],
  ['pause', { egressId: 'EG_1', status: 'paused' }, 'EG_1 is paused: nothing of demo is kept.\n'],
  ['resume', { egressId: 'EG_1', status: 'recording' }, 'EG_1 records demo again.\n'],
])('%s of a room says what it came to', async (command, body, text) => {
  const path = `/v1/rooms/demo/recording/${command}`
  const { out, request } = await recordings([command, 'demo'], path, { body })
  expect([out, request?.method]).toEqual([text, 'POST'])
})

test.each([
  [{ isRecording: true, egressId: 'EG_1', startedAt: at }, `EG_1 records demo since ${at}.\n`],
  [{ isRecording: false, egressId: null, startedAt: null }, 'demo is not recorded.\n'],
])('whether a room is recorded is told', async (body, text) =>
  expect((await recordings(['status', 'demo'], '/v1/rooms/demo/recording', { body })).out).toBe(text),
)

test('a start in a room that is not there says what to do', async () => {
  const refusal = problem(404, {
    type: 'https://rtcstack.dev/errors/not-found',
    detail: 'Room not found',
  })
  const { code, err } = await recordings(['start', 'demo'], '/v1/rooms/demo/recording/start', refusal)
  expect({ code, err }).toEqual({
    code: 1,
    err: 'Room not found (404, request q1).\nA room is there once somebody has joined it, or after: rtcstack rooms create demo\n',
  })
})

test.each([
  ['ready', 0],
  ['failed', 1],
])(
  'stop --wait waits until it is %s, tells how far it has come, and ends with %i',
  async (status, exitCode) => {
    const states = [
      { ...recording, status: 'processing', progress: 0.31 },
      { ...recording, status: 'processing', progress: 0.35 },
      { ...recording, status },
    ]
    const { code, out, err } = await runWith(['recordings', 'stop', 'demo', '--wait'], {
      '/v1/rooms/demo/recording/stop': { body: { egressId: 'EG_1', status: 'stopped', stoppedAt: at } },
      '/v1/recordings/EG_1': () => Response.json({ ...states.shift(), parts: [], tracks: [] }),
    })
    expect([code, err, states.length]).toEqual([exitCode, 'rendering: 31 %\n', 0])
    expect(out).toContain(`status     ${status}\n`)
  },
)

test('a link is printed alone, so that a shell can take it, and how long it works beside it', async () => {
  const body = { url: 'http://a.test/blobs/x', expiresAt: '2026-01-01T13:00:00.000Z' }
  const argv = ['link', 'EG_1', '--expires-in', '60', '--key', file.key]
  const { out, err, sent } = await recordings(argv, '/v1/recordings/EG_1/links', { body })
  expect(out).toBe('http://a.test/blobs/x\n')
  expect(err).toBe('It works until 2026-01-01T13:00:00.000Z, for whoever has it.\n')
  expect(sent).toEqual({ expiresIn: 60, key: file.key })
})

test('a deletion says so', async () => {
  const { out, request } = await recordings(['delete', 'EG_1'], '/v1/recordings/EG_1', { status: 204 })
  expect([out, request?.method]).toEqual(['EG_1 is deleted.\n', 'DELETE'])
})

test.each([
  [['list', '--status', 'done']],
  [['render', 'EG_1', '--from', '1:75']],
  [['render', 'EG_1', '--layout', 'mosaic']],
  [['link', 'EG_1', '--expires-in', 'never']],
  [['stop']],
])('the command line %o is wrong and exits with 2', async (argv) =>
  expect((await runWith(['recordings', ...argv])).code).toBe(2),
)
