import { signWebhook } from '@rtcstack/sdk'
import { eventually, freeTcpPort } from '@rtcstack/testkit'
import { expect, test } from 'vitest'
import { uniqueName, useServer } from './product.ts'
import { startProgram } from './program.ts'

const product = useServer()

test('the example takes what the server delivers, once, and refuses what is forged', async () => {
  const { rooms, webhooks } = product.client
  const port = String(await freeTcpPort())
  const url = `http://127.0.0.1:${port}`
  const room = uniqueName('example')
  const { id, secret } = await webhooks.create({ url })
  await using receiver = startProgram('examples/webhook-receiver/receiver.ts', [], {
    PORT: port,
    WEBHOOK_SECRET: secret,
  })
  await receiver.says(`waiting at ${url}`)

  await rooms.create({ name: room })
  await receiver.says(`${room} is open\n`)
  expect(await webhooks.test(id)).toEqual({ delivered: true, statusCode: 204 })

  const delivery = await eventually(async () => {
    const { deliveries } = await webhooks.deliveries(id, { status: 'delivered' })
    return deliveries.find(({ type }) => type === 'room_created') ?? false
  })
  await webhooks.redeliver(delivery.id)
  await eventually(async () => {
    const { deliveries } = await webhooks.deliveries(id)
    return deliveries.some((one) => one.id === delivery.id && one.attempts.length === 2)
  })
  await rooms.delete(room)
  await receiver.says(`room_closed ${room}\n`)
  expect(receiver.out.split(`${room} is open`)).toHaveLength(2)

  const body = JSON.stringify({ id: 'forged', type: 'room_created', roomId: 'forged' })
  const signed = (by: string, at = new Date()) =>
    signWebhook({ id: 'forged', timestamp: at, body, secret: by })
  for (const headers of [
    {},
    await signed('another secret of 24 bytes'),
    await signed(secret, new Date(Date.now() - 400_000)),
  ]) {
    const answer = await fetch(url, { method: 'POST', headers: headers as Record<string, string>, body })
    expect(answer.status).toBe(400)
  }
  const tooLong = await fetch(url, {
    method: 'POST',
    headers: await signed(secret),
    body: 'x'.repeat(200_000),
  })
  expect(tooLong.status).toBe(400)
  expect(receiver.out).not.toContain('forged')
})
