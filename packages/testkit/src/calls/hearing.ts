import { setTimeout as pause } from 'node:timers/promises'
import { type AudioFrame, AudioStream, type RemoteTrack, type Room } from '@livekit/rtc-node'
import { describeAbsence, lookEveryMs, readFrames, untilFrame } from './subscription.ts'
import { hasTone, rms, sampleRateHz, silenceRms, type ToneHz, windowSamples } from './tone.ts'

// A click or a lost packet is no tone: it has to be there for 150 ms on end.
const windowsOnEnd = 3

/** Resolves when a tone is in the decoded audio of a participant; rejects with what was heard instead. */
export async function hearTone(
  room: Room,
  identity: string,
  { toneHz, timeoutMs }: { toneHz: ToneHz; timeoutMs: number },
): Promise<void> {
  let onEnd = 0
  let loudest = 0
  const accept = ({ data }: AudioFrame) => {
    loudest = Math.max(loudest, rms(data))
    onEnd = hasTone(toneHz, data) ? onEnd + 1 : 0
    return onEnd === windowsOnEnd
  }
  const describe = () =>
    `no ${toneHz} Hz was heard from ${identity} (loudest level ${loudest.toFixed(4)} of 1)`
  await untilFrame({ room, identity, kind: 'audio', open: openAudio }, { accept, timeoutMs, describe })
}

/**
 * Resolves when a participant that publishes audio has been silent for `forMs` on end: below −60 dB, or no frames at
 * all. Somebody who is not there, or publishes no audio, does not count as silent.
 */
export async function hearSilence(
  room: Room,
  identity: string,
  { forMs, timeoutMs }: { forMs: number; timeoutMs: number },
): Promise<void> {
  const ending = new AbortController()
  const deadline = performance.now() + timeoutMs
  let silentSince = performance.now()
  let loudest = 0
  const listen = ({ data }: AudioFrame) => {
    if (rms(data) <= silenceRms) return
    silentSince = performance.now()
    loudest = Math.max(loudest, rms(data))
  }
  const reading = readFrames({ room, identity, kind: 'audio', open: openAudio }, listen, ending.signal)
  try {
    while (performance.now() - silentSince < forMs) {
      const absence = describeAbsence(room, identity, 'audio')
      if (absence) silentSince = performance.now()
      if (performance.now() > deadline) {
        const heard = absence ?? `loudest level ${loudest.toFixed(4)} of 1`
        throw new Error(`${identity} was not silent for ${forMs} ms within ${timeoutMs} ms: ${heard}`)
      }
      await pause(lookEveryMs)
    }
  } finally {
    ending.abort()
    await reading
  }
}

const openAudio = (track: RemoteTrack): ReadableStream<AudioFrame> =>
  new AudioStream(track, {
    sampleRate: sampleRateHz,
    numChannels: 1,
    frameSizeMs: (1000 * windowSamples) / sampleRateHz,
  })
