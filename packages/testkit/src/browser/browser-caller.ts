import type { Page } from 'playwright-core'
import type { PageCall } from './page/page.ts'
import type { CanvasColour } from './page/picture.ts'

export type JoinFromBrowserOptions = PageCall

/** A participant in a page of a real browser, by livekit-client, whose camera shows a pattern and whose microphone hears a tone. */
export interface BrowserCaller {
  /** Stopped and opened anew, as a camera whose light goes out. */
  setCamera(isOn: boolean): Promise<void>
  setMicrophone(isOn: boolean): Promise<void>
  /** From now on the camera's pictures have this size. */
  resize(width: number, height: number): Promise<void>
  /** Ends the upper layers of the camera, as one does that has little bandwidth left. */
  sendOnlyLowLayer(): Promise<void>
  /** Shares its own page, which then shows a pattern. */
  shareScreen(colour: CanvasColour): Promise<void>
  unshareScreen(): Promise<void>
  /** Whether the client holds the room to be recorded, and each change that it was told. */
  recordingTold(): Promise<{ isRecording: boolean; changes: boolean[] }>
  /** Loads the page anew without a goodbye, and joins again from it. */
  reload(options: JoinFromBrowserOptions): Promise<void>
  leave(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/** Joins a call from a page, and resolves when it publishes; closes the page when it cannot. */
export async function joinFromBrowser(
  page: Page,
  url: string,
  options: JoinFromBrowserOptions,
): Promise<BrowserCaller> {
  const complaints: string[] = []
  page.on('pageerror', ({ message }) => complaints.push(message))
  const join = async (asked: JoinFromBrowserOptions) => {
    await page.goto(url, { waitUntil: 'load' })
    await page.evaluate(async (call) => {
      window.call = await window.joinCall(call)
    }, asked)
  }
  const close = () => page.context().close()
  await join(options).catch(async (error: Error) => {
    await close()
    throw new Error([`a browser could not join: ${error.message}`, ...complaints].join('\n'), {
      cause: error,
    })
  })
  let left: Promise<void> | undefined
  const leave = () => {
    left ??= page.evaluate(() => window.call.leave()).finally(close)
    return left
  }
  return {
    setCamera: (isOn) => page.evaluate((value) => window.call.setCamera(value), isOn),
    setMicrophone: (isOn) => page.evaluate((value) => window.call.setMicrophone(value), isOn),
    resize: (width, height) => page.evaluate((size) => window.call.resize(...size), [width, height] as const),
    sendOnlyLowLayer: () => page.evaluate(() => window.call.sendOnlyLowLayer()),
    shareScreen: (colour) => page.evaluate((value) => window.call.shareScreen(value), colour),
    unshareScreen: () => page.evaluate(() => window.call.unshareScreen()),
    recordingTold: () => page.evaluate(() => window.call.recordingTold()),
    reload: join,
    leave,
    [Symbol.asyncDispose]: leave,
  }
}
