import type { Room, TrackKind } from '@livekit/rtc-node'
import type { Client } from '@rtcstack/sdk'

const limitMs = 10_000
const leaveLimitMs = 2000
const sampleRate = 48_000
const toneHz = 440
const width = 160
const height = 90

/** Joins a room as one participant; the media connection is over UDP. Says that it came to be. */
export async function connectOverUdp(client: Client, room: string): Promise<string> {
  return withCallers(client, room, async (join) => {
    await join('doctor')
    return 'a media connection came to be'
  })
}

/** Two participants join a room; one sends a tone and a picture, the other must decode both. Then something is done in the call. */
export async function callWithMedia<T>(client: Client, room: string, then: () => Promise<T>): Promise<T> {
  return withCallers(client, room, async (join, rtc) => {
    const stopping = new AbortController()
    try {
      const received = receive(rtc, await join('doctor-listener'))
      const failed = publish(rtc, await join('doctor-speaker'), stopping.signal).then(
        () => new Promise<never>(() => {}),
      )
      await within(Promise.race([Promise.all(received), failed]), 'media between two participants')
      return await Promise.race([then(), failed])
    } finally {
      stopping.abort()
    }
  })
}

type Join = (userId: string) => Promise<Room>

/** Everyone who joined leaves again. rtc-node is loaded only here: it is large and native. */
async function withCallers<T>(
  client: Client,
  room: string,
  run: (join: Join, rtc: Rtc) => Promise<T>,
): Promise<T> {
  const rtc = await import('@livekit/rtc-node')
  const rooms: Room[] = []
  const join = async (userId: string) => {
    const { token, url } = await client.tokens.create({
      roomId: room,
      userId,
      name: userId,
      role: 'participant',
    })
    const joined = new rtc.Room()
    rooms.push(joined)
    await within(joined.connect(url, token, { autoSubscribe: true, dynacast: false }), `connecting to ${url}`)
    return joined
  }
  try {
    return await run(join, rtc)
  } finally {
    const left = Promise.all(rooms.map((one) => one.disconnect()))
    await Promise.race([left, new Promise((resolve) => setTimeout(resolve, leaveLimitMs))])
  }
}

type Rtc = typeof import('@livekit/rtc-node')

/** Resolve when sound above silence, and a picture, have been decoded. */
function receive(rtc: Rtc, room: Room): [Promise<void>, Promise<void>] {
  const firstOf = (kind: TrackKind, isGood: (track: never) => Promise<void>) =>
    new Promise<void>((resolve, reject) => {
      room.on(rtc.RoomEvent.TrackSubscribed, (track) => {
        if (track.kind === kind) isGood(track as never).then(resolve, reject)
      })
    })
  const sound = firstOf(rtc.TrackKind.KIND_AUDIO, async (track) => {
    for await (const frame of new rtc.AudioStream(track, sampleRate, 1))
      if (frame.data.some((sample) => Math.abs(sample) > 1000)) return
  })
  const picture = firstOf(rtc.TrackKind.KIND_VIDEO, async (track) => {
    for await (const { frame } of new rtc.VideoStream(track)) if (frame.width > 0) return
  })
  return [sound, picture]
}

async function publish(rtc: Rtc, room: Room, signal: AbortSignal): Promise<void> {
  const audio = new rtc.AudioSource(sampleRate, 1)
  const video = new rtc.VideoSource(width, height)
  const participant = room.localParticipant
  if (!participant) throw new Error('connected without a participant')
  await participant.publishTrack(
    rtc.LocalAudioTrack.createAudioTrack('tone', audio),
    optionsFor(rtc, rtc.TrackSource.SOURCE_MICROPHONE),
  )
  await participant.publishTrack(
    rtc.LocalVideoTrack.createVideoTrack('picture', video),
    optionsFor(rtc, rtc.TrackSource.SOURCE_CAMERA),
  )
  const picture = new rtc.VideoFrame(
    new Uint8Array((width * height * 3) / 2).fill(128),
    width,
    height,
    rtc.VideoBufferType.I420,
  )
  const samples = sampleRate / 10
  for (let position = 0; !signal.aborted; position += samples) {
    const tone = Int16Array.from(
      { length: samples },
      (_, index) => 12_000 * Math.sin((2 * Math.PI * toneHz * (position + index)) / sampleRate),
    )
    video.captureFrame(picture)
    // Resolves when the source can take more, which paces the loop.
    await audio.captureFrame(new rtc.AudioFrame(tone, sampleRate, 1, samples))
  }
}

function optionsFor(rtc: Rtc, source: number) {
  const options = new rtc.TrackPublishOptions()
  options.source = source
  return options
}

async function within<T>(promise: Promise<T>, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} did not work within ${limitMs / 1000} s`)), limitMs)
  })
  try {
    return await Promise.race([promise, limit])
  } finally {
    clearTimeout(timer)
  }
}
