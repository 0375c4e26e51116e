import { access, constants } from 'node:fs/promises'
import { delimiter, join } from 'node:path'

/** Whether all of these programs are in a PATH. */
export async function areThere(names: string[], path: string): Promise<boolean> {
  const folders = path.split(delimiter).filter(Boolean)
  const found = await Promise.all(names.map((name) => isThere(name, folders)))
  return found.every(Boolean)
}

async function isThere(name: string, folders: string[]): Promise<boolean> {
  for (const folder of folders) {
    const isExecutable = await access(join(folder, name), constants.X_OK).then(
      () => true,
      () => false,
    )
    if (isExecutable) return true
  }
  return false
}
