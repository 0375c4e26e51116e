import { type Browser as Chromium, chromium, type Page } from 'playwright-core'
import { type BrowserCaller, type JoinFromBrowserOptions, joinFromBrowser } from './browser-caller.ts'
import { findBrowser } from './has-browser.ts'
import type { CanvasColour } from './page/picture.ts'
import { servePage } from './page-server.ts'

/** A headless Chromium. */
export interface Browser {
  /** Opens a page, as another person's browser would, and joins a call from it. */
  join(options: JoinFromBrowserOptions): Promise<BrowserCaller>
  /** Runs a program in a page of its own, with a camera that shows a colour and a microphone that hears a tone; the page stays. */
  run(program: string, devices: { colour: CanvasColour; toneHz: number }): Promise<void>
  /** Ends it and all its pages. */
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
  const openPage = async (): Promise<Page> => {
    const context = await browser.newContext({ viewport: { width: 640, height: 360 } })
    return context.newPage()
  }
  let closing: Promise<void> | undefined
  const close = () => {
    closing ??= browser.close().finally(page.close)
    return closing
  }
  return {
    join: async (options) => joinFromBrowser(await openPage(), page.url, options),
    run: async (program, devices) => {
      const empty = await openPage()
      await empty.goto(page.url, { waitUntil: 'load' })
      await empty.evaluate(`(async () => {
        const { installDevices } = await import('/browser/page/devices.ts')
        installDevices(${JSON.stringify(devices)})
        ${program}
      })()`)
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}
