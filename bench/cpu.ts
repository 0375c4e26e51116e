import { readFile } from 'node:fs/promises'

/** The unit in which Linux tells of CPU time. */
const tickMs = 10

/** CPU time of a process so far, without its children's. Linux only. */
export const cpuMs = async (pid: number): Promise<number> => sumOf(await fieldsOf(pid), 11)

/** CPU time of those children of a process that have ended, and of theirs. Linux only. */
export const endedChildrenCpuMs = async (pid: number): Promise<number> => sumOf(await fieldsOf(pid), 13)

/** The 12th to 15th fields behind the name are the times in the program and in the system, its own and its ended children's. */
async function fieldsOf(pid: number): Promise<string[]> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8')
  // The name is in parentheses and may hold anything.
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')
}

const sumOf = (fields: string[], at: number) => (Number(fields[at]) + Number(fields[at + 1])) * tickMs
