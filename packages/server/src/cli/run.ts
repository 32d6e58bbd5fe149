/** The command line: reads the arguments, runs one command, prints its answer and gives the exit code. */
import { CommanderError } from 'commander'
import { type Config, type Flags, loadConfig } from '../config/load.js'
import type { Setting } from '../config/settings.js'
import { asFailure, EXIT, type Failure, usage } from './failure.js'
import type { Io } from './io.js'
import { createProgram } from './program.js'
import type { Answer, Command, Task } from './task.js'

/** Runs `latchkey` with these arguments; never throws, and answers the exit code. */
export async function run(argv: readonly string[], io: Io): Promise<number> {
  const json = argv.includes('--json')
  let exit: number = EXIT.ok
  const program = createProgram(async (command, args, options) => {
    const answer = await (command as Command)(taskOf(args, options, json, io))
    if (answer) exit = print(answer, json, io)
  })
  // Options of sub-commands are made by the same settings.
  for (const one of [program, ...program.commands.flatMap((child) => [child, ...child.commands])]) {
    one.exitOverride().configureOutput({ writeOut: io.out, writeErr: json ? () => {} : io.err })
  }
  try {
    await program.parseAsync([...argv], { from: 'user' })
    return exit
  } catch (error) {
    if (error instanceof CommanderError) return ofCommander(error, json, io)
    return fail(asFailure(error), json, io)
  }
}

function taskOf(args: readonly string[], options: Readonly<Record<string, unknown>>, json: boolean, io: Io): Task {
  let config: Config | undefined
  return { io, json, args, options, config: () => (config ??= loadConfig(flagsOf(options), io)) }
}

const FLAGS = ['database', 'issuer', 'port', 'host', 'tls'] as const satisfies readonly Setting[]

function flagsOf(options: Readonly<Record<string, unknown>>): Flags {
  const values = FLAGS.filter((name) => options[name] !== undefined).map((name) => [name, String(options[name])])
  return {
    config: options.config as string | undefined,
    dev: options.dev as boolean | undefined,
    values: Object.fromEntries(values),
  }
}

function print({ value, text, exit = EXIT.ok }: Answer, json: boolean, io: Io): number {
  io.out(json ? `${JSON.stringify(value)}\n` : text)
  return exit
}

/** With `--json` an error is the one value on stdout; text goes to stderr, so that stdout can be read by a program anyway. */
function fail({ code, message, hint, exit }: Failure, json: boolean, io: Io): number {
  if (json) io.out(`${JSON.stringify({ error: { code, message, ...(hint !== undefined && { hint }) } })}\n`)
  else io.err(`latchkey: ${message}${hint === undefined ? '' : `\n          ${hint}`}\n`)
  return exit
}

/** Commander has printed by now, help or a complaint; only the exit code and JSON are ours. */
function ofCommander({ exitCode, code, message }: CommanderError, json: boolean, io: Io): number {
  if (exitCode === 0) return EXIT.ok
  if (json) return fail(usage(code === 'commander.help' ? 'There is no such command.' : sentence(message)), json, io)
  return EXIT.usage
}

/** `error: unknown option '--x'` as it reads on its own. */
const sentence = (message: string): string => message.replace(/^error: (.)/, (_, first: string) => first.toUpperCase())
