import { type CanvasColour, framesPerSecond, paintCanvas } from './picture.ts'

export interface Devices {
  /** Of the camera's pictures from now on. */
  resize(width: number, height: number): void
}

/**
 * Gives the page a camera that shows a colour and a microphone that hears a tone, in place of the machine's. What uses them
 * opens and stops them as it would those.
 */
export function installDevices({ colour, toneHz }: { colour: CanvasColour; toneHz: number }): Devices {
  const canvas = Object.assign(document.createElement('canvas'), { width: 640, height: 360 })
  const paint = paintCanvas(canvas, colour)
  const sound = new AudioContext({ sampleRate: 48_000 })
  const tone = new OscillatorNode(sound, { frequency: toneHz })
  const volume = new GainNode(sound, { gain: 0.25 })
  tone.connect(volume)
  tone.start()

  const openMicrophone = () => {
    const microphone = new MediaStreamAudioDestinationNode(sound, { channelCount: 1 })
    volume.connect(microphone)
    return microphone.stream.getTracks()
  }
  navigator.mediaDevices.getUserMedia = async ({ audio, video } = {}) =>
    new MediaStream([
      ...(audio ? openMicrophone() : []),
      ...(video ? canvas.captureStream(framesPerSecond).getTracks() : []),
    ])
  return {
    resize: (width, height) => {
      Object.assign(canvas, { width, height })
      // A canvas of a new size is black.
      paint()
    },
  }
}
