import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { mkdtemp, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { promisify } from 'node:util'
import type { Logger } from 'pino'

const releases = 'https://github.com/livekit/livekit/releases/download'
/** A network that refuses or is silent is given up this soon; bytes that flow may take longer. */
const silenceLimitMs = 5000
const progressEveryMs = 2000

export interface DownloadOptions {
  /** Where the program is to be. */
  file: string
  version: string
  log: Logger
  signal: AbortSignal | undefined
  /** In place of LiveKit's releases, for tests. */
  baseUrl: string | undefined
}

/** Downloads LiveKit's release for this system, and unpacks it when its SHA-256 is the one of the release's checksums. */
export async function downloadRelease({
  file,
  version,
  log,
  signal,
  baseUrl = releases,
}: DownloadOptions): Promise<void> {
  const archive = archiveName(version)
  const folder = await mkdtemp(join(dirname(file), 'download-'))
  try {
    const checksums = await fetchText(`${baseUrl}/v${version}/checksums.txt`, signal)
    const expected = checksums
      .split('\n')
      .find((line) => line.trim().endsWith(archive))
      ?.trim()
      .split(/\s+/)[0]
    if (!expected) throw new Error(`the release has no ${archive}`)
    log.info({ archive }, 'downloading livekit-server')
    const digest = await fetchFile(`${baseUrl}/v${version}/${archive}`, join(folder, archive), {
      log,
      signal,
    })
    if (digest !== expected.toLowerCase())
      throw new Error(`${archive} does not have the checksum of its release`)
    await promisify(execFile)('tar', ['-xzf', archive, 'livekit-server'], { cwd: folder })
    await rename(join(folder, 'livekit-server'), file)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function archiveName(version: string): string {
  const architectures: Record<string, string> = { x64: 'amd64', arm64: 'arm64', arm: 'armv7' }
  return `livekit_${version}_${process.platform}_${architectures[process.arch] ?? process.arch}.tar.gz`
}

/** A signal that aborts after a silence; `alive` starts the silence anew. */
function silence(outer: AbortSignal | undefined) {
  const controller = new AbortController()
  const abort = () => controller.abort(new Error(`the network was silent for ${silenceLimitMs / 1000} s`))
  let timer = setTimeout(abort, silenceLimitMs)
  return {
    signal: outer ? AbortSignal.any([outer, controller.signal]) : controller.signal,
    alive: () => {
      clearTimeout(timer)
      timer = setTimeout(abort, silenceLimitMs)
    },
    end: () => clearTimeout(timer),
  }
}

async function open(url: string, signal: AbortSignal): Promise<Response> {
  const answer = await fetch(url, { signal }).catch((error: Error & { cause?: Error }) => {
    signal.throwIfAborted()
    throw new Error(`the network refuses (${error.cause?.message ?? error.message})`)
  })
  if (!answer.ok || !answer.body) throw new Error(`the release site answered ${answer.status}`)
  return answer
}

async function fetchText(url: string, outer: AbortSignal | undefined): Promise<string> {
  const { signal, end } = silence(outer)
  try {
    return await (await open(url, signal)).text()
  } finally {
    end()
  }
}

interface FetchFileOptions {
  log: Logger
  signal: AbortSignal | undefined
}

/** Writes what is at a URL into a file, showing progress; its SHA-256 in hex. */
async function fetchFile(url: string, file: string, options: FetchFileOptions): Promise<string> {
  const { signal, alive, end } = silence(options.signal)
  const hash = createHash('sha256')
  let received = 0
  try {
    const answer = await open(url, signal)
    const total = Number(answer.headers.get('content-length') ?? 0)
    const progress = setInterval(() => {
      const percent = total > 0 ? Math.floor((received / total) * 100) : undefined
      options.log.info({ megabytes: Math.round(received / 1e5) / 10, percent }, 'downloading livekit-server')
    }, progressEveryMs)
    const counted = async function* (source: AsyncIterable<Buffer>) {
      for await (const chunk of source) {
        alive()
        received += chunk.length
        hash.update(chunk)
        yield chunk
      }
    }
    await pipeline(Readable.fromWeb(answer.body as never), counted, createWriteStream(file), {
      signal,
    }).finally(() => clearInterval(progress))
    return hash.digest('hex')
  } catch (error) {
    if (signal.aborted) throw signal.reason
    throw error
  } finally {
    end()
  }
}
