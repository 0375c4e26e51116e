import { createHmac } from 'node:crypto'
import type { RunningLiveKit } from '../livekit.ts'

/** Makes tokens and requests for a livekit-server. */
export function operatorOf({ url, apiKey, apiSecret }: RunningLiveKit) {
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

  return {
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
