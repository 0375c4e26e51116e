import { spawn } from 'node:child_process'

/** An ffmpeg that turns one stream into another while both go on. */
export interface FfmpegPipe {
  write(bytes: Buffer): void
  /** Bytes that ffmpeg has not taken yet. */
  readonly waitingBytes: number
  close(): void
}

export interface FfmpegPipeOptions {
  args: string[]
  onOutput(bytes: Buffer): void
  /** Once it has taken all that waited. */
  onDrained(): void
  /** It ended by itself; the text is the last that it said. */
  onFailed(detail: string): void
}

const closeLimitMs = 1_000
const keptWords = 500

/** Starts ffmpeg. Its input ends with this process however that ends, and so does it. */
export function openFfmpeg({ args, onOutput, onDrained, onFailed }: FfmpegPipeOptions): FfmpegPipe {
  const child = spawn('ffmpeg', ['-hide_banner', '-v', 'error', ...args], { stdio: ['pipe', 'pipe', 'pipe'] })
  let said = ''
  let isClosed = false
  const fail = (detail: string) => {
    if (!isClosed) onFailed(detail)
    isClosed = true
  }
  child.on('error', ({ message }) => fail(message))
  child.on('exit', (code, signal) => fail(`ffmpeg ended with ${code ?? signal}: ${said.trim()}`))
  child.stdin.on('error', () => undefined)
  child.stdin.on('drain', onDrained)
  child.stdout.on('data', (bytes: Buffer) => {
    if (!isClosed) onOutput(bytes)
  })
  child.stderr.on('data', (bytes: Buffer) => {
    said = (said + bytes).slice(-keptWords)
  })
  return {
    write: (bytes) => void child.stdin.write(bytes),
    get waitingBytes() {
      return child.stdin.writableLength
    },
    close() {
      if (isClosed) return
      isClosed = true
      child.stdin.end()
      const limit = setTimeout(() => child.kill('SIGKILL'), closeLimitMs)
      child.once('exit', () => clearTimeout(limit))
    },
  }
}

/** ffmpeg's arguments to read FLV from its input at once. Its option nobuffer would drop the first key frame. */
export const flvInput = [
  ...['-probesize', '32', '-analyzeduration', '0', '-fpsprobesize', '0'],
  ...['-threads', '1', '-f', 'flv', '-i', 'pipe:0', '-copyts'],
]
