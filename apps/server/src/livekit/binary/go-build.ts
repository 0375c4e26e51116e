import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Logger } from 'pino'

const moduleDirectory = fileURLToPath(new URL('../../../../../deploy/tools', import.meta.url))
const progressEveryMs = 5000
const keptLines = 10

/** A program that deploy/tools/go.mod pins. */
export interface GoTool {
  name: string
  mainPackage: string
}

export interface GoBuildOptions {
  tool: GoTool
  /** Where the program is to be. */
  file: string
  log: Logger
  signal: AbortSignal | undefined
  /** Folders to find Go in. */
  path: string
}

/** Builds a tool at its pinned version; livekit-server takes about two minutes on two cores the first time. */
export async function buildWithGo({ tool, file, log, signal, path }: GoBuildOptions): Promise<void> {
  const startedAt = performance.now()
  const lines: string[] = []
  let packages = 0
  let modules = 0
  const go = spawn(
    'go',
    ['build', '-v', '-mod=readonly', '-trimpath', '-ldflags=-s -w', '-o', file, tool.mainPackage],
    {
      cwd: moduleDirectory,
      env: { ...process.env, PATH: path, CGO_ENABLED: '0', GOFLAGS: '' },
      stdio: ['ignore', 'ignore', 'pipe'],
      ...(signal && { signal }),
    },
  )
  const report = () => {
    const seconds = Math.round((performance.now() - startedAt) / 1000)
    log.info(
      { seconds, modulesDownloaded: modules, packagesBuilt: packages },
      `building ${tool.name} with Go, once`,
    )
  }
  const progress = setInterval(report, progressEveryMs)
  createInterface({ input: go.stderr }).on('line', (line) => {
    if (line.startsWith('go: downloading')) modules++
    else packages++
    lines.push(line)
    if (lines.length > keptLines) lines.shift()
  })
  try {
    go.once('spawn', report)
    const [code] = (await once(go, 'close')) as [number | null]
    if (code !== 0) throw new Error(`go build failed:\n${lines.join('\n')}`)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw new Error('Go is not installed')
    throw error
  } finally {
    clearInterval(progress)
  }
}
