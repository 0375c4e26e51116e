import {
  type Authorization,
  createRtmpServer,
  type Publication,
  type PublicationListener,
  type PublishRequest,
  type RtmpLog,
  type RtmpServer,
} from '@rtcstack/rtmp'
import { createIngress, type Ingress } from './ingress.ts'
import type { Admission, IntakeEvent, IntakeMessage } from './messages.ts'
import { createQuestions } from './questions.ts'

/** All publishers of this process. */
export interface Intake {
  take(message: Exclude<IntakeMessage, { type: 'shutdown' }>): Promise<void>
  close(): Promise<void>
}

/** A publisher that was silent for longer makes way for another with its key. */
const takeoverMs = 3_000

export function createIntake(say: (event: IntakeEvent) => void, log: RtmpLog): Intake {
  const questions = createQuestions(say)
  const ingresses = new Map<string, Ingress>()
  const servers: RtmpServer[] = []

  async function authorize({ app, key }: PublishRequest): Promise<Authorization> {
    const admission = await questions.ask(app, key)
    if (!admission.allowed) return admission
    const { ingressId } = admission
    // What is said of one publisher is all said before anything of the next; and while one leaves, a third may come.
    for (let other = ingresses.get(ingressId); other; other = ingresses.get(ingressId)) {
      const isInUse = !other.isStopping && other.silentMs < takeoverMs
      if (isInUse) return { allowed: false, reason: 'the stream key is in use' }
      await other.stop('taken-over', 'another publisher came')
    }
    return { allowed: true, begin: (publication) => begin(publication, admission, { app, key }) }
  }

  function begin(
    publication: Publication,
    { ingressId, whip }: Extract<Admission, { allowed: true }>,
    { app, key }: { app: string; key: string },
  ): PublicationListener {
    const renew = async () => {
      const again = await questions.ask(app, key)
      if (again.allowed && again.ingressId === ingressId) return again.whip
      void ingress.stop('cut', 'the stream key is no longer valid')
      return undefined
    }
    const onStopped = () => void ingresses.delete(ingressId)
    const ingress = createIngress({ ingressId, publication, target: whip, renew, onStopped, say, log })
    ingresses.set(ingressId, ingress)
    return {
      take: ingress.take,
      ended: (reason, detail) => void ingress.stop(reason, detail),
    }
  }

  async function listen({ host, port, tls, limits }: Extract<IntakeMessage, { type: 'listen' }>) {
    const open = (at: number, secure?: { certificate: string; privateKey: string }) => {
      const server = createRtmpServer({
        authorize,
        log,
        ...(limits && { limits }),
        ...(secure && { tls: secure }),
      })
      servers.push(server)
      return server.listen({ port: at, ...(host && { host }) })
    }
    const plain = await open(port)
    const tlsPort = tls && (await open(tls.port, tls))
    say({ type: 'listening', port: plain, ...(tlsPort && { tlsPort }) })
  }

  return {
    async take(message) {
      switch (message.type) {
        case 'listen':
          return listen(message)
        case 'authorized':
          return questions.answer(message.id, message)
        case 'cut':
          return ingresses.get(message.ingressId)?.stop('cut', 'the stream was ended')
      }
    },
    async close() {
      const all = [...ingresses.values()].map((ingress) => ingress.stop('shutdown', 'the server is closing'))
      await Promise.all([...all, ...servers.map((server) => server.close())])
    },
  }
}
