import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { promisify } from 'node:util'
import type { Logger } from 'pino'

const releases = 'https://github.com/livekit/livekit/releases/download'
/** The site has this long until the first byte of the archive, all in all; from then on bytes have to flow. */
const silenceLimitMs = 5000
const progressEveryMs = 2000

export interface DownloadOptions {
  /** Where the program is to be: `livekit-server` in a folder of its own. */
  file: string
  version: string
  log: Logger
  signal: AbortSignal | undefined
  /** In place of LiveKit's releases, for tests. */
  baseUrl: string | undefined
}

/** Downloads LiveKit's release for this system, and unpacks it when its SHA-256 is the one of the release's checksums. */
export async function downloadRelease(options: DownloadOptions): Promise<void> {
  const { file, version, log, signal, baseUrl = releases } = options
  const name = archiveName(version)
  const archive = `${file}.tar.gz`
  const watch = watchSilence(signal)
  try {
    const expected = checksumOf(name, await fetchText(`${baseUrl}/v${version}/checksums.txt`, watch))
    log.info({ archive: name }, 'downloading livekit-server')
    const digest = await fetchFile(`${baseUrl}/v${version}/${name}`, archive, watch, log)
    if (digest !== expected) throw new Error(`${name} does not have the checksum of its release`)
  } catch (error) {
    // What fetch and streams throw after an abort is of many shapes.
    watch.signal.throwIfAborted()
    throw error
  } finally {
    watch.end()
  }
  await promisify(execFile)('tar', ['-xzf', archive, '-C', dirname(file), 'livekit-server'])
  await rm(archive)
}

/** Name of the release's file for this system, as LiveKit's releases have them. */
export function archiveName(version: string): string {
  const architectures: Record<string, string> = { x64: 'amd64', arm64: 'arm64', arm: 'armv7' }
  return `livekit_${version}_${process.platform}_${architectures[process.arch] ?? process.arch}.tar.gz`
}

/** The SHA-256 of a file in what `sha256sum` wrote. */
function checksumOf(name: string, checksums: string): string {
  for (const line of checksums.split('\n')) {
    const [digest, file] = line.trim().split(/\s+/)
    if (digest && file === name) return digest.toLowerCase()
  }
  throw new Error(`the release has no ${name}`)
}

interface SilenceWatch {
  /** Aborts after a silence. */
  signal: AbortSignal
  /** Starts the silence anew. */
  alive(): void
  end(): void
}

function watchSilence(outer: AbortSignal | undefined): SilenceWatch {
  const controller = new AbortController()
  const timer = setTimeout(
    () => controller.abort(new Error(`the network was silent for ${silenceLimitMs / 1000} s`)),
    silenceLimitMs,
  )
  return {
    signal: outer ? AbortSignal.any([outer, controller.signal]) : controller.signal,
    alive: () => void timer.refresh(),
    end: () => clearTimeout(timer),
  }
}

async function open(url: string, signal: AbortSignal): Promise<Response> {
  const answer = await fetch(url, { signal }).catch((error: Error & { cause?: Error }) => {
    throw new Error(`the network refuses (${error.cause?.message ?? error.message})`)
  })
  if (!answer.ok || !answer.body) throw new Error(`the release site answered ${answer.status}`)
  return answer
}

async function fetchText(url: string, { signal }: SilenceWatch): Promise<string> {
  return (await open(url, signal)).text()
}

/** Writes what is at a URL into a file, showing progress; its SHA-256 in hex. */
async function fetchFile(
  url: string,
  file: string,
  { signal, alive }: SilenceWatch,
  log: Logger,
): Promise<string> {
  const { body, headers } = await open(url, signal)
  const total = Number(headers.get('content-length') ?? 0)
  const hash = createHash('sha256')
  let received = 0
  const progress = setInterval(() => {
    const percent = total > 0 ? Math.floor((received / total) * 100) : undefined
    log.info({ megabytes: Math.round(received / 1e5) / 10, percent }, 'downloading livekit-server')
  }, progressEveryMs)
  const counted = async function* (source: AsyncIterable<Buffer>) {
    for await (const chunk of source) {
      alive()
      received += chunk.length
      hash.update(chunk)
      yield chunk
    }
  }
  await pipeline(Readable.fromWeb(body as never), counted, createWriteStream(file), { signal }).finally(() =>
    clearInterval(progress),
  )
  return hash.digest('hex')
}
