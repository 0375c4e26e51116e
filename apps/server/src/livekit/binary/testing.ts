import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { liveKitVersion } from './find.ts'
import { archiveName } from './release.ts'

/** A folder of a test's own; gone with `remove`. */
export async function temporaryFolder() {
  const path = await mkdtemp(join(tmpdir(), 'binary-'))
  return { path, remove: () => rm(path, { recursive: true }) }
}

/** Writes a shell script as a program into a folder. */
export async function writeProgram(folder: string, name: string, script: string): Promise<string> {
  await mkdir(folder, { recursive: true })
  const file = join(folder, name)
  await writeFile(file, `#!/bin/sh\n${script}\n`, { mode: 0o755 })
  return file
}

/** A livekit-server that can say its version and nothing else. */
export const writeLiveKitServer = (folder: string, version: string) =>
  writeProgram(folder, 'livekit-server', `echo livekit-server version ${version}`)

/** A Go that says this on its standard error, and makes the livekit-server it is to build unless `exitCode` is another. */
export const writeGo = (folder: string, { says = '', exitCode = 0 } = {}) =>
  writeProgram(
    folder,
    'go',
    `printf '%s\\n' '${says}' >&2
test ${exitCode} = 0 || exit ${exitCode}
while [ "$1" != -o ]; do shift; done
printf '#!/bin/sh\\necho livekit-server version ${liveKitVersion}\\n' >"$2"
/bin/chmod +x "$2"`,
  )

/** A web server on loopback. */
export async function serve(listener: RequestListener) {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}

/** What a release has for this system: an archive of a livekit-server, and the checksums of all its files. */
export async function makeRelease(folder: string): Promise<Record<string, Buffer>> {
  const name = archiveName(liveKitVersion)
  await writeLiveKitServer(folder, liveKitVersion)
  execFileSync('tar', ['-czf', name, 'livekit-server'], { cwd: folder })
  const archive = await readFile(join(folder, name))
  const digest = createHash('sha256').update(archive).digest('hex')
  const checksums = `${'0'.repeat(64)}  other.tar.gz\n${digest}  ${name}\n`
  return { 'checksums.txt': Buffer.from(checksums), [name]: archive }
}

/** A site that has these files as its release. */
export const serveRelease = (files: Record<string, Buffer>) =>
  serve((request, response) => {
    const file = files[request.url?.replace(`/v${liveKitVersion}/`, '') ?? '']
    if (file) response.end(file)
    else response.writeHead(404).end()
  })
