type Settings = Record<string, { description: string; default: string }>

/** A `.env` in which every setting is explained and commented out. */
export function envExample(settings: Settings): string {
  const blocks = Object.entries(settings).map(
    ([name, setting]) => `# ${setting.description}\n#${name}=${setting.default}\n`,
  )
  return `# Every setting of the server. Set what differs from the default.\n\n${blocks.join('\n')}`
}

/** The reference page of all settings. */
export function settingsPage(settings: Settings): string {
  const rows = Object.entries(settings).map(
    ([name, setting]) =>
      `| \`${name}\` | ${setting.default ? `\`${setting.default}\`` : ''} | ${setting.description} |`,
  )
  return `# Settings\n\nRead once, from the environment, at the start.\n\n| name | default | meaning |\n|---|---|---|\n${rows.join('\n')}\n`
}
