import {
  EgressClient,
  EncodedFileOutput,
  EncodedFileType,
  EncodingOptions,
  S3Upload,
  TwirpError,
} from 'livekit-server-sdk'
import type { Picture } from '../../database/tables.ts'
import type { LiveKitOptions } from '../../livekit/client.ts'
import { type Egress, toEgress } from '../../livekit/convert.ts'

/** The store as Egress reaches it: an S3 server. */
export interface EgressOutput {
  endpoint: string
  bucket: string
  accessKey: string
  secret: string
  region: string
}

/** What is to be recorded, and under which key its file is to be. */
export interface EgressRequest {
  room: string
  key: string
  picture: Picture
}

const deadlineSeconds = 5

/** Egress has no layout that shows what is shared large and else a grid; its grid shows both. */
const layouts = { screen: 'grid', grid: 'grid', speaker: 'speaker', single: 'single-speaker' } as const

/** LiveKit's Egress service, asked through LiveKit. Every call ends within 5 seconds, and fails as the SDK does. */
export function createEgressEngine({ url, apiKey, apiSecret }: LiveKitOptions, output: EgressOutput) {
  const client = new EgressClient(url.replace(/^ws/, 'http'), apiKey, apiSecret, {
    requestTimeout: deadlineSeconds,
    failover: false,
  })

  return {
    async start({ room, key, picture }: EgressRequest): Promise<Egress> {
      const file = new EncodedFileOutput({
        fileType: EncodedFileType.MP4,
        filepath: key,
        // Nothing is stored that nobody would remove.
        disableManifest: true,
        output: { case: 's3', value: new S3Upload({ ...output, forcePathStyle: true }) },
      })
      const { width, height, fps, layout } = picture
      const encodingOptions = new EncodingOptions({ width, height, framerate: fps })
      const options = { layout: layouts[layout], encodingOptions }
      return toEgress(await client.startRoomCompositeEgress(room, { file }, options))
    },

    /** Undefined when LiveKit does not know it, as a day after its end. */
    async find(id: string): Promise<Egress | undefined> {
      const [found] = await client.listEgress({ egressId: id }).catch(noneWhenUnknown)
      return found && toEgress(found)
    },

    /** The one that was started for a key, also by a process that did not live to hear of it. */
    async findByKey(room: string, key: string): Promise<Egress | undefined> {
      const found = await client.listEgress({ roomName: room }).catch(noneWhenUnknown)
      return found.map(toEgress).find((egress) => egress.key === key)
    },

    /** Has it end; one that has ended, or begun to, needs nothing. */
    async stop(id: string): Promise<void> {
      await client.stopEgress(id).catch((error) => {
        if (!isTwirp(error, 'failed_precondition', 'not_found')) throw error
      })
    },
  }
}

export type EgressEngine = ReturnType<typeof createEgressEngine>

function noneWhenUnknown(error: unknown): [] {
  if (isTwirp(error, 'not_found')) return []
  throw error
}

/** Whether an error is an answer of LiveKit with one of these codes. */
export const isTwirp = (error: unknown, ...codes: string[]) =>
  error instanceof TwirpError && error.code !== undefined && codes.includes(error.code)
