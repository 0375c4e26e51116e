import { eventually, freeTcpPort, startReceiver } from '@rtcstack/testkit'
import { expect, test } from 'vitest'
import { verified } from './deliveries.ts'
import { uniqueName, useServer } from './product.ts'
import { type RunningProgram, startCli } from './program.ts'

const product = useServer()
const cli = (...argv: string[]) => startCli(product.server, ...argv)

/** Runs a command to its end. */
async function run(...argv: string[]) {
  await using program = cli(...argv)
  const code = await program.ended
  return { code, out: program.out, err: program.err }
}

const answerOf = async (...argv: string[]) => JSON.parse((await run('--json', ...argv)).out)

/** Listens, and resolves when nothing that happens from then on is missed. */
async function listen(...argv: string[]): Promise<RunningProgram> {
  const program = cli('listen', ...argv)
  await program.says(argv.includes('--forward') ? / the secret \S+\n/ : / ends it\.\n/)
  return program
}

const secretOf = (program: RunningProgram) => / secret (\S+)\n/.exec(program.err)?.[1] ?? ''

async function liveARoom(room: string): Promise<void> {
  await product.client.rooms.create({ name: room })
  await product.client.rooms.delete(room)
}

test.each(['SIGINT', 'SIGTERM'] as const)(
  'listen prints what happens as it happens, and %s ends it quietly with 0',
  async (signal) => {
    const room = uniqueName('printed')
    await using program = await listen('--room', room)
    expect(program.err).toBe(`Listening to ${product.server.url}; Ctrl-C ends it.\n`)
    await liveARoom(room)
    await program.says('room_closed')
    program.kill(signal)
    expect(await program.ended).toBe(0)
    expect(program.out).toMatch(
      new RegExp(
        `^\\S+Z {2}room_created {2,}${room} +RM_\\w+\\n\\S+Z {2}room_closed {2,}${room} +RM_\\w+\\n$`,
      ),
    )
    expect(program.err.split('\n')).toHaveLength(2)
  },
)

test('listen --json prints the events as they are in the ledger, a line each, from a place on', async () => {
  const room = uniqueName('lines')
  const { nextAfter } = await product.client.events.list({ after: '0', limit: 100, roomId: room })
  await liveARoom(room)
  await using program = await listen('--json', '--after', nextAfter, '--types', 'room_created,room_closed')
  await program.says('room_closed')
  const { events } = await product.client.events.list({ roomId: room })
  const lines = program.out
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  expect(lines.filter(({ roomId }) => roomId === room)).toEqual(events)
})

test('what is forwarded equals a delivery: the same headers, and the same body byte for byte', async () => {
  const room = uniqueName('forwarded')
  await using application = await startReceiver()
  await using endpoint = await startReceiver()
  const webhook = await product.client.webhooks.create({ url: endpoint.url })
  await using program = await listen('--forward', application.url, '--room', room)
  expect(program.err).toContain(`Forwarding to ${application.url}, signed with the secret whsec_`)
  await liveARoom(room)
  await eventually(() => application.received.length === 2 && endpoint.received.length === 2)
  await program.says(/room_closed.*\n {2}→ POST 204 \(\d+ ms\)\n/)
  const byId = (some: typeof endpoint.received) =>
    some.toSorted((a, b) => String(a.headers['webhook-id']).localeCompare(String(b.headers['webhook-id'])))
  const delivered = byId(endpoint.received)
  for (const [index, forwarded] of byId(application.received).entries()) {
    const event = verified(forwarded, secretOf(program))
    expect(event).toEqual(verified(delivered[index] ?? forwarded, webhook.secret))
    expect(forwarded.body).toBe(delivered[index]?.body)
    for (const name of ['content-type', 'user-agent', 'webhook-id', 'x-rtcstack-event'])
      expect([name, forwarded.headers[name]]).toEqual([name, delivered[index]?.headers[name]])
    expect(forwarded.headers['x-rtcstack-event']).toBe(event.type)
  }
  await product.client.webhooks.delete(webhook.id)
})

test('an application that fails, or is not there yet, is tried again, and gets the events in their order', async () => {
  const room = uniqueName('failing')
  let refusals = 2
  await using application = await startReceiver({
    answer: (_, response) => void response.writeHead(refusals-- > 0 ? 500 : 204).end(),
  })
  await using program = await listen('--forward', application.url, '--room', room)
  await liveARoom(room)
  await program.says(/room_closed.*\n {2}→ POST 204/)
  expect(program.err).toMatch(
    /→ POST 500 \(\d+ ms\), again in 0.5 s\n {2}→ POST 500 \(\d+ ms\), again in 1 s\n/,
  )
  expect(application.received.map((one) => verified(one, secretOf(program)).type)).toEqual([
    'room_created',
    'room_created',
    'room_created',
    'room_closed',
  ])
  await using other = await listen(
    '--forward',
    `http://127.0.0.1:${await freeTcpPort()}/hook`,
    '--room',
    room,
  )
  await liveARoom(room)
  await other.says(/→ POST connect ECONNREFUSED 127\.0\.0\.1:\d+ \(\d+ ms\), again in 0.5 s/)
  other.kill('SIGTERM')
  expect(await other.ended).toBe(0)
})

test('nothing is lost over a restart of the server, were there events before it or not', {
  timeout: 60_000,
}, async () => {
  await using application = await startReceiver()
  const [before, after] = [uniqueName('restart'), uniqueName('restart')]
  await using program = await listen('--forward', application.url, '--types', 'room_created')
  await product.client.rooms.create({ name: before })
  await program.says(before)
  // This one is not back before it has happened.
  await using late = await listen('--room', after)
  late.kill('SIGSTOP')
  await product.server.kill()
  await program.says('The server is lost, trying again: ')
  await product.server.restart()
  await product.client.rooms.create({ name: after })
  late.kill('SIGCONT')
  // The pause between two tries has grown while the server started.
  for (const one of [program, late]) await one.says(after, 20_000)
  expect(program.err).toContain('The server is back: nothing was missed.')
  await eventually(() => application.received.length >= 2)
  const rooms = application.received.map((one) => verified(one, secretOf(program)).roomId)
  expect(rooms.filter((room) => room === before || room === after)).toEqual([before, after])
  expect(new Set(rooms).size).toBe(rooms.length)
})

test.each([
  [['--api-key', 'wrong'], 1, 'Set API_SECRET or --api-key to the key of this server'],
  [['--url', 'http://127.0.0.1:1'], 1, 'Cannot reach http://127.0.0.1:1: check the url'],
  [['--url', 'nonsense'], 1, 'must begin with http:// or https://'],
  [['--types', 'room_exploded'], 2, '"room_exploded" is none of room_created, room_closed'],
  [['--forward', 'localhost:4000'], 2, 'must begin with http:// or https://'],
  [['--secret', 'short'], 1, 'any text of 24 bytes or more'],
])('listen %o ends with its code and says why', async (argv, code, text) => {
  const result = await run('listen', ...argv)
  expect(result).toMatchObject({ code, out: '' })
  expect(result.err).toContain(text)
})

test('a reader that has enough, as head has, ends it quietly', async () => {
  const room = uniqueName('pipe')
  await using program = await listen('--room', room)
  program.closeOutput()
  await liveARoom(room)
  expect(await program.ended).toBe(0)
  expect(program.err).not.toContain('EPIPE')
})

test('events and sessions are listed', async () => {
  const room = uniqueName('listed')
  await liveARoom(room)
  const events = await run('events', 'list', '--room', room)
  expect(events.out).toMatch(/^TIME +TYPE +ROOM +SUBJECT\n\S+ +room_created .*\n\S+ +room_closed /)
  expect(await answerOf('events', 'list', '--room', room)).toEqual(
    await product.client.events.list({ roomId: room }),
  )
  expect((await run('events', 'list', '--room', room, '--limit', '1')).out).toMatch(
    /There are more: --after \d+\n$/,
  )
  expect((await run('sessions', 'list', '--room', room)).out).toMatch(/ended/)
  const { sessions } = await answerOf('sessions', 'list', '--room', room)
  expect((await run('sessions', 'get', sessions[0].id)).out).toContain('Nobody was in it.')
})

test('a webhook lives its life by the command line', { timeout: 60_000 }, async () => {
  const room = uniqueName('life')
  await using receiver = await startReceiver()
  const { id, secret } = await answerOf('webhooks', 'create', receiver.url, '--events', 'room_created')
  expect((await run('webhooks', 'test', id)).out).toBe('Delivered: it answered 204.\n')
  await product.client.rooms.create({ name: room })
  await eventually(() => receiver.received.length === 2)
  expect(receiver.received.map((one) => verified(one, secret).type)).toEqual(['test', 'room_created'])

  const { deliveries } = await eventually(async () => {
    const answer = await answerOf('webhooks', 'deliveries', id, '--status', 'delivered')
    return answer.deliveries.length === 1 && answer
  })
  expect((await run('webhooks', 'deliveries', id)).out).toMatch(/room_created:RM_\w+ +delivered +1 +204/)
  expect((await run('webhooks', 'redeliver', deliveries[0].id)).code).toBe(0)
  await eventually(() => receiver.received.length === 3)
  const since = new Date(Date.parse(deliveries[0].createdAt) - 1000).toISOString()
  expect((await run('webhooks', 'replay', id, '--since', since, '--events', 'room_created')).out).toMatch(
    /^Queued: \d+\./,
  )
  await eventually(() => receiver.received.length >= 4)

  const { secret: newer } = await answerOf('webhooks', 'rotate-secret', id, '--overlap', '0')
  await run('webhooks', 'test', id)
  const last =
    receiver.received.findLast(({ headers }) => headers['x-rtcstack-event'] === 'test') ?? expect.fail()
  expect(verified(last, newer).type).toBe('test')
  expect(() => verified(last, secret)).toThrow()

  expect((await run('webhooks', 'update', id, '--status', 'disabled')).out).toContain('disabled')
  expect((await run('webhooks', 'redeliver', deliveries[0].id)).code).toBe(1)
  expect((await run('webhooks', 'list')).out).toContain(id)
  expect((await run('webhooks', 'delete', id)).out).toBe(`${id} is deleted.\n`)
  expect((await run('webhooks', 'get', id)).err).toContain('404')
})
