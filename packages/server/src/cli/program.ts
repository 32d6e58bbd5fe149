/** The command line as a tree: names, arguments and options of every command, and where its code is. */
import { Command as Program } from 'commander'
import { EXIT } from './failure.js'
import type { Command } from './task.js'

/** Runs a command that was chosen. */
export type Runner = (
  command: Command<never>,
  args: readonly string[],
  options: Readonly<Record<string, unknown>>,
) => Promise<void>

type Loader = () => Promise<Command<never>>

const EXIT_CODES = `
Exit codes: ${EXIT.ok} done · ${EXIT.failed} refused or failed · ${EXIT.usage} wrong usage · ${EXIT.unavailable} the store does not answer · ${EXIT.config} the configuration does not allow a safe start · ${EXIT.interrupted} interrupted
`

/** Makes the tree. A command's code is loaded when it runs: a server that starts needs none of the others. */
export function createProgram(run: Runner): Program {
  const program = new Program('latchkey')
    .description('JWT authentication: the server and its command line')
    .option('--config <file>', 'configuration file (default: latchkey.config.jsonc, where there is one)')
    .option('--database <url>', 'sqlite:<path>')
    .option('--issuer <url>', 'the public URL of the server')
    .option('--dev', 'development mode: data and secret in latchkey-data')
    .option('--json', 'one JSON value on stdout, errors included')
    .configureHelp({ showGlobalOptions: true })
    .addHelpText('after', EXIT_CODES)
    .showHelpAfterError('(latchkey --help shows all commands)')
  const add = (parent: Program, signature: string, about: string, load: Loader): Program =>
    parent
      .command(signature)
      .description(about)
      .action(async (...given: unknown[]) => {
        const command = given.at(-1) as Program
        await run(await load(), command.args, command.optsWithGlobals())
      })

  add(program, 'serve', 'run the server', async () => (await import('../commands/serve.js')).serve)
    .option('--port <number>', 'where to listen (default: 4180)')
    .option('--host <address>', 'which address to listen on (default: 127.0.0.1)')
    .option('--tls', 'HTTPS with a self-signed certificate, for development')
  return program
}
