import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import { TokenVerifier } from 'livekit-server-sdk'

export const stubKeys = { apiKey: 'the key', apiSecret: 'a secret of thirty-two characters' }

/** What an egress is at the moment, as LiveKit writes it. */
interface StubEgress {
  egress_id: string
  room_name: string
  status: string
  error: string
  details: string
  room_composite: { room_name: string; layout: string; file_outputs: { filepath: string }[] }
  file_results: { filename: string; started_at: string; ended_at: string; duration: string; size: string }[]
}

interface Refusal {
  status: number
  code: string
  msg: string
}

interface EgressRequest {
  roomName: string
  egressId: string
  layout: string
  fileOutputs: { filepath: string }[]
}

/** LiveKit 1.13 with an Egress service behind it, as far as its answers go: the test says what becomes of each egress. */
export async function startEgressStub() {
  const verifier = new TokenVerifier(stubKeys.apiKey, stubKeys.apiSecret)
  const egresses = new Map<string, StubEgress>()
  const asked: { method: string; body: EgressRequest }[] = []
  const refusals = new Map<string, Refusal | 'no answer' | 'begins unheard'>()

  function begin({ roomName, layout, fileOutputs }: EgressRequest): StubEgress {
    const egress = {
      egress_id: `EG_livekit${egresses.size + 1}`,
      room_name: roomName,
      status: 'EGRESS_STARTING',
      error: '',
      details: '',
      room_composite: { room_name: roomName, layout, file_outputs: fileOutputs },
      file_results: fileOutputs.map(({ filepath }) => file(filepath, {})),
    }
    egresses.set(egress.egress_id, egress)
    return egress
  }

  const list = ({ egressId, roomName }: EgressRequest): { items: StubEgress[] } | Refusal => {
    const found = egresses.get(egressId)
    if (egressId) return found ? { items: [found] } : unknown
    return { items: [...egresses.values()].filter(({ room_name }) => room_name === roomName) }
  }

  const stop = ({ egressId }: EgressRequest): StubEgress | Refusal => {
    const found = egresses.get(egressId)
    if (!found) return unknown
    if (!['EGRESS_STARTING', 'EGRESS_ACTIVE'].includes(found.status))
      return {
        status: 412,
        code: 'failed_precondition',
        msg: `egress with status ${found.status} cannot be stopped`,
      }
    found.status = found.status === 'EGRESS_ACTIVE' ? 'EGRESS_ENDING' : 'EGRESS_ABORTED'
    return found
  }

  const answers: Record<string, (body: EgressRequest) => object> = {
    StartRoomCompositeEgress: begin,
    ListEgress: list,
    StopEgress: stop,
  }

  const server = createServer(async (request, response) => {
    const method = request.url?.replace('/twirp/livekit.Egress/', '') ?? ''
    const { video } = await verifier.verify(request.headers.authorization?.replace('Bearer ', '') ?? '')
    const body = (await json(request)) as EgressRequest
    asked.push({ method, body })
    const refusal = refusals.get(method)
    // So does LiveKit where no Egress service hears it.
    if (refusal === 'no answer') return
    if (refusal === 'begins unheard') {
      begin(body)
      return void response.destroy()
    }
    const answer = !video?.roomRecord ? forbidden : (refusal ?? answers[method]?.(body) ?? unknown)
    const status = 'code' in answer ? (answer as Refusal).status : 200
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answer))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))

  const newest = (): StubEgress => {
    const egress = [...egresses.values()].at(-1)
    if (!egress) throw new Error('no egress was started')
    return egress
  }

  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    refusals,
    egresses,
    /** How often a method was called. */
    count: (method: string) => asked.filter((one) => one.method === method).length,
    newest,
    /** What comes next of the newest egress. */
    next(status: string, result: Partial<{ size: number; seconds: number; error: string }> = {}): void {
      const egress = newest()
      egress.status = status
      egress.error = result.error ?? ''
      egress.file_results = egress.file_results.map(({ filename }) => file(filename, result))
    },
    close: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}

export type EgressStub = Awaited<ReturnType<typeof startEgressStub>>

const unknown = { status: 404, code: 'not_found', msg: 'egress does not exist' }
const forbidden = { status: 403, code: 'permission_denied', msg: 'permissions denied' }

/** Nanoseconds, in texts, as protojson has them. */
const file = (filename: string, { size = 0, seconds = 0 }: { size?: number; seconds?: number }) => ({
  filename,
  started_at: fileStartedAtMs.toString().concat('000000'),
  ended_at: '0',
  duration: `${seconds}000000000`,
  size: String(size),
})

export const fileStartedAtMs = Date.parse('2026-01-01T12:00:03.250Z')
