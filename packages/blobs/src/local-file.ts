import { randomUUID } from 'node:crypto'
import { type FileHandle, open, rename, rm } from 'node:fs/promises'

/** Makes a private file that is there whole or not at all. */
export async function writeWholeFile(
  path: string,
  write: (draft: FileHandle) => Promise<void>,
): Promise<void> {
  const draftPath = `${path}.${randomUUID()}.part`
  const draft = await open(draftPath, 'wx', 0o600)
  try {
    await write(draft).finally(() => draft.close())
    await rename(draftPath, path)
  } catch (error) {
    await rm(draftPath, { force: true })
    throw error
  }
}
