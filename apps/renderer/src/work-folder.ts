import { mkdtemp, rm } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'

/** Does a work in a folder of its own, which is gone when it ends. */
export async function inWorkFolder<Result>(
  { work, output }: { work: string | undefined; output: string },
  task: (folder: string) => Promise<Result>,
): Promise<Result> {
  const folder = await mkdtemp(join(resolve(work ?? dirname(output)), '.render-'))
  try {
    return await task(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
