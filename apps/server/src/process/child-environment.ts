/** What of our environment a media child needs: to find programs, and none of our settings and secrets. */
const inherited = /^(PATH|HOME|LANG|LC_ALL|TZ|TMPDIR|FONTCONFIG_\w+|NODE_COMPILE_CACHE)$/

export const childEnvironment = (): NodeJS.ProcessEnv => ({
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => inherited.test(name))),
  NODE_ENV: 'production',
})
