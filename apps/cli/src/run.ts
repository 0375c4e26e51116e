import { Command, CommanderError } from 'commander'
import { createContext, type Surroundings } from './context.ts'
import { doctorCommand } from './doctor/command.ts'
import { describeError } from './errors.ts'
import { eventCommands } from './events.ts'
import { ingressCommands } from './ingress/command.ts'
import { listenCommand } from './listen/command.ts'
import { participantCommands } from './participants.ts'
import { recordingCommands } from './recordings/command.ts'
import { roomCommands } from './rooms.ts'
import { sessionCommands } from './sessions.ts'
import { tokenCommands } from './tokens.ts'
import { webhookCommands } from './webhooks/command.ts'

/** Runs one command line; its exit code: 0, 1 when something failed, 2 when the command line is wrong. */
export async function run(argv: string[], surroundings: Surroundings): Promise<number> {
  const { stdout, stderr } = surroundings
  let failed = false
  const program = new Command('rtcstack')
    .description(
      'Tokens, rooms, participants, recordings, ingress, events and webhooks of an RTCstack server.',
    )
    .option('--url <url>', 'the server (RTCSTACK_URL, else http://127.0.0.1:3000)')
    .option('--api-key <key>', 'its key (API_SECRET, else the local server’s own in DATA_DIR)')
    .option('--json', 'print the answer as JSON')
    .showHelpAfterError('(add --help for what there is)')
    .configureOutput({
      writeOut: (text) => void stdout.write(text),
      writeErr: (text) => void stderr.write(text),
    })
    .exitOverride()
  const context = createContext(
    surroundings,
    () => program.opts(),
    () => {
      failed = true
    },
  )
  for (const command of [
    tokenCommands(context),
    roomCommands(context),
    participantCommands(context),
    recordingCommands(context),
    ingressCommands(context),
    sessionCommands(context),
    eventCommands(context),
    listenCommand(context),
    webhookCommands(context),
    doctorCommand(context),
  ])
    program.addCommand(command)
  inherit(program)
  try {
    await program.parseAsync(argv, { from: 'user' })
    return failed ? 1 : 0
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
    stderr.write(`${describeError(error)}\n`)
    return 1
  }
}

/** Makes every command take the global options and report to the same outputs. */
function inherit(command: Command): void {
  for (const child of command.commands) {
    child.copyInheritedSettings(command)
    inherit(child)
  }
}
