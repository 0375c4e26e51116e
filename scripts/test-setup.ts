import { readFile } from 'node:fs/promises'
import { delimiter, dirname } from 'node:path'
import { type Logger, pino } from 'pino'
import { cachedFile, isExecutable, makeInCache } from '../apps/server/src/livekit/binary/cache.ts'
import { findLiveKitServer } from '../apps/server/src/livekit/binary/find.ts'
import { buildWithGo } from '../apps/server/src/livekit/binary/go-build.ts'
import { createInstaller } from '../apps/server/src/media-tools/install.ts'
import { provideMediaTools } from '../apps/server/src/media-tools/provide.ts'
import { hasBrowser } from '../packages/testkit/src/browser/has-browser.ts'

/** Finds or makes once, before the tests, the programs they run against, and puts them on their PATH. */
export async function setup(): Promise<void> {
  const log = pino({ level: 'info' }, pino.destination({ dest: 2, sync: true }))
  await provideMediaTools({ log })
  await provideBrowser(log)
  const programs = [await findLiveKitServer({ log }), await findS3Server(log)].filter(
    (file) => file !== undefined,
  )
  process.env.PATH = [...programs.map(dirname), process.env.PATH].join(delimiter)
}

/** Where there is no browser and none can be installed, the tests that call from one are skipped, and say so. */
async function provideBrowser(log: Logger): Promise<void> {
  if (hasBrowser()) return
  const install = createInstaller({ log })
  await install(['chromium']).catch((error: Error) => {
    log.warn({ reason: error.message }, 'no chromium: tests that call from a browser are skipped')
  })
}

/**
 * The S3 server of the tests, at the version that deploy/tools/go.mod pins. Without Go there is none, and what needs it
 * is skipped and says so; not in CI, where nothing may be skipped unseen.
 */
async function findS3Server(log: Logger): Promise<string | undefined> {
  const tool = { name: 'versitygw', mainPackage: 'github.com/versity/versitygw/cmd/versitygw' }
  const module = await readFile(new URL('../deploy/tools/go.mod', import.meta.url), 'utf8')
  const version = /github\.com\/versity\/versitygw v(\S+)/.exec(module)?.[1] ?? ''
  const cached = cachedFile(tool.name, version)
  if (await isExecutable(cached)) return cached
  const path = process.env.PATH ?? ''
  try {
    await makeInCache(cached, (file) => buildWithGo({ tool, file, log, signal: undefined, path }))
    return cached
  } catch (error) {
    if (process.env.CI) throw error
    log.warn({ reason: (error as Error).message }, 'no versitygw: tests that need an S3 server are skipped')
    return undefined
  }
}
