import { type Browser as Chromium, chromium } from 'playwright-core'
import { type BrowserCaller, type JoinFromBrowserOptions, joinFromBrowser } from './browser-caller.ts'
import { findBrowser } from './has-browser.ts'
import { servePage } from './page-server.ts'

/** A headless Chromium. */
export interface Browser {
  /** Opens a page, as another person's browser would, and joins a call from it. */
  join(options: JoinFromBrowserOptions): Promise<BrowserCaller>
  /** Ends it and all its callers. */
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

const flags = [
  // Without it a page can connect nowhere on a machine that has no other network.
  '--allow-loopback-in-peer-connection',
  '--autoplay-policy=no-user-gesture-required',
  // A page may share itself without anybody who says yes.
  '--auto-accept-this-tab-capture',
]

export async function openBrowser(): Promise<Browser> {
  const executablePath = findBrowser()
  if (!executablePath) throw new Error('no browser is on the PATH: npm test installs one where it can')
  const page = await servePage()
  let browser: Chromium
  try {
    browser = await chromium.launch({ executablePath, args: flags })
  } catch (error) {
    await page.close()
    throw error
  }
  let closing: Promise<void> | undefined
  const close = () => {
    closing ??= browser.close().finally(page.close)
    return closing
  }
  return {
    join: async (options) => {
      const context = await browser.newContext({ viewport: { width: 640, height: 360 } })
      return joinFromBrowser(await context.newPage(), page.url, options)
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}
