import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Colour } from '@rtcstack/testkit'

/** An encoder as people have them: ffmpeg that publishes until it is ended. */
export interface Encoder {
  readonly pid: number
  kill(signal: NodeJS.Signals): void
  /** Resolves to what it said when it has ended. */
  readonly ended: Promise<string>
  [Symbol.asyncDispose](): Promise<void>
}

export interface Scene {
  colour?: Colour
  toneHz?: number
  size?: string
  framesPerSecond?: number
}

/** A ground with a white block that moves, and a tone: what callers of the testkit know. */
export function sceneInput({
  colour = 'red',
  toneHz = 440,
  size = '640x360',
  framesPerSecond = 30,
}: Scene = {}) {
  // What ffmpeg calls green is darker.
  const ground = `color=${colour === 'green' ? 'lime' : colour}:s=${size}:r=${framesPerSecond}`
  const block = `color=white:s=72x72:r=${framesPerSecond}`
  const graph = `${ground}[g];${block}[b];[g][b]overlay=x='mod(t*1200\\,W-w)':y=H*0.4,format=yuv420p`
  return ['-re', '-f', 'lavfi', '-i', graph, '-re', '-f', 'lavfi', '-i', `sine=frequency=${toneHz}:r=48000`]
}

/** H.264 as encoders for live streams make it. */
export const h264 = ({ keyFrames = 30, bFrames = 0 } = {}) =>
  `-c:v libx264 -preset ultrafast -g ${keyFrames} -keyint_min ${keyFrames} -sc_threshold 0 -bf ${bFrames} -b:v 1M`.split(
    ' ',
  )

export const aac = ['-c:a', 'aac', '-b:a', '96k']

export function startEncoder(args: string[], url: string, container = 'flv', command = 'ffmpeg'): Encoder {
  const all = command === 'ffmpeg' ? ['-v', 'error', '-nostdin', ...args, '-f', container, url] : args
  const child = spawn(command, all, { stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  for (const output of [child.stdout, child.stderr])
    output.on('data', (bytes: Buffer) => {
      said = (said + bytes).slice(-4_000)
    })
  const ended = once(child, 'exit').then(() => said)
  return {
    pid: child.pid as number,
    kill: (signal) => void child.kill(signal),
    ended,
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL')
      await ended
    },
  }
}
