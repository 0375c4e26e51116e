import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const listing = `
  import { registerHooks } from 'node:module'
  const loaded = []
  registerHooks({
    resolve: (specifier, context, next) => {
      const found = next(specifier, context)
      loaded.push(found.url)
      return found
    },
  })
  await import(process.argv[1])
  console.log(loaded.join('\\n'))
`

/** The modules that come along with one of ours. */
async function modulesOf(name: string): Promise<string[]> {
  const argv = ['--input-type=module', '--eval', listing, '--', name]
  const { stdout } = await promisify(execFile)(process.execPath, argv, { cwd: import.meta.dirname })
  return stdout.trim().split('\n')
}

test.each(['@rtcstack/recorder', '@rtcstack/recorder/timeline', '@rtcstack/recorder/salvage'])(
  '%s comes without WebRTC, so that a server can have it',
  async (name) => {
    const modules = await modulesOf(name)
    expect(modules.some((url) => url.includes('/apps/recorder/src/'))).toBe(true)
    expect(modules.filter((url) => url.includes('room-tap') || url.includes('node_modules'))).toEqual([])
  },
)

test('the recorder itself does not', async () => {
  const modules = await modulesOf(new URL('recording.ts', import.meta.url).href)
  expect(modules.some((url) => url.includes('room-tap'))).toBe(true)
})
