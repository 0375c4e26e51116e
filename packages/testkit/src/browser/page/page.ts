import { LocalVideoTrack, Room, RoomEvent, Track, type VideoCodec } from 'livekit-client'
import { installDevices } from './devices.ts'
import { type CanvasColour, paintCanvas } from './picture.ts'

export interface PageCall {
  url: string
  token: string
  codec: VideoCodec
  colour: CanvasColour
  toneHz: number
}

/** Joins a call with camera and microphone on, as a web client does. The page itself shows what it shares as a screen. */
async function joinCall({ url, token, codec, colour, toneHz }: PageCall) {
  const devices = installDevices({ colour, toneHz })
  const room = new Room({ dynacast: true, publishDefaults: { videoCodec: codec } })
  const told: boolean[] = []
  room.on(RoomEvent.RecordingStatusChanged, (isRecording) => told.push(isRecording))
  await room.connect(url, token)
  const participant = room.localParticipant
  await participant.setMicrophoneEnabled(true)
  await participant.setCameraEnabled(true)
  const camera = () => {
    const track = participant.getTrackPublication(Track.Source.Camera)?.track
    if (track instanceof LocalVideoTrack) return track
    throw new Error('the camera is not published')
  }
  return {
    resize: devices.resize,
    setCamera: async (isOn: boolean) => void (await participant.setCameraEnabled(isOn)),
    setMicrophone: async (isOn: boolean) => void (await participant.setMicrophoneEnabled(isOn)),
    sendOnlyLowLayer: () => onlyLowLayer(camera()),
    shareScreen: async (colour: CanvasColour) => {
      const screen = document.querySelector('canvas')
      if (screen) paintCanvas(screen, colour)
      await participant.setScreenShareEnabled(true, { preferCurrentTab: true, contentHint: 'motion' })
    },
    unshareScreen: async () => void (await participant.setScreenShareEnabled(false)),
    /** What the client was told about whether the room is recorded: since it joined, in order. */
    recordingTold: () => ({ isRecording: room.isRecording, changes: told }),
    leave: () => room.disconnect(),
  }
}

/** By the number of streams where each layer has its own, else by what the encoder may spend. */
async function onlyLowLayer({ sender }: LocalVideoTrack): Promise<void> {
  if (!sender) throw new Error('the camera is not sent')
  const parameters = sender.getParameters()
  const { encodings } = parameters
  for (const [index, encoding] of encodings.entries())
    if (encodings.length === 1) encoding.maxBitrate = lowLayerBitsPerSecond
    else encoding.active = index === 0
  await sender.setParameters(parameters)
}

const lowLayerBitsPerSecond = 60_000

declare global {
  interface Window {
    joinCall: typeof joinCall
    call: Awaited<ReturnType<typeof joinCall>>
  }
}
window.joinCall = joinCall
