// A process with a tap of its own, which can be stopped as a whole. It prints its totals as JSON, a line each time it is
// sent anything, and ends when its input does.
import { createInterface } from 'node:readline'
import { openRoomTap } from '../tap.ts'
import { quietLog as log } from './quiet-log.ts'
import { createWitness } from './witness.ts'

const [url = '', token = ''] = process.argv.slice(2)
const witness = createWitness()
const tap = openRoomTap({ url, token, listener: witness.listener, log })
for await (const _ of createInterface({ input: process.stdin })) {
  const { totals, faults, told } = witness
  process.stdout.write(`${JSON.stringify({ totals, faults, told })}\n`)
}
await tap.close()
