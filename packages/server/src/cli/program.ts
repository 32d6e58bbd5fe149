/** The command line as a tree: names, arguments and options of every command, and where its code is. */
import { Command as Program } from 'commander'
import type { Add } from './add.js'
import { EXIT } from './failure.js'
import type { Command } from './task.js'
import { addGroups, addUsers } from './user-commands.js'

/** Runs a command that was chosen. */
export type Runner = (
  command: Command<never>,
  args: readonly string[],
  options: Readonly<Record<string, unknown>>,
) => Promise<void>

const EXIT_CODES = `
Exit codes: ${EXIT.ok} done · ${EXIT.failed} refused or failed · ${EXIT.usage} wrong usage · ${EXIT.unavailable} the store does not answer · ${EXIT.config} the configuration does not allow a safe start · ${EXIT.interrupted} interrupted
`

/** Makes the tree. A command's code is loaded when it runs: a server that starts needs none of the others. */
export function createProgram(run: Runner): Program {
  const program = new Program('latchkey')
    .description('JWT authentication: the server and its command line')
    .option('--config <file>', 'configuration file (default: latchkey.config.jsonc, where there is one)')
    .option('--database <url>', 'sqlite:<path> or postgres://<host>/<name>')
    .option('--issuer <url>', 'the public URL of the server')
    .option('--dev', 'development mode: data and secret in latchkey-data')
    .option('--json', 'one JSON value on stdout, errors included')
    .configureHelp({ showGlobalOptions: true })
    .addHelpText('after', EXIT_CODES)
    .showHelpAfterError('(latchkey --help shows all commands)')
  const add: Add = (parent, signature, about, load, meant = (options) => options) =>
    parent
      .command(signature)
      .description(about)
      .action(async (...given: unknown[]) => {
        const command = given.at(-1) as Program
        await run(await load(), command.args, meant(command.optsWithGlobals()))
      })

  add(program, 'serve', 'run the server', async () => (await import('../commands/serve.js')).serve)
    .option('--port <number>', 'where to listen (default: 4180)')
    .option('--host <address>', 'which address to listen on (default: 127.0.0.1)')
    .option('--tls', 'HTTPS with a self-signed certificate, for development')
  add(
    program,
    'init [folder]',
    'write a configuration file and a secret',
    async () => (await import('../commands/init.js')).init,
  )
  add(program, 'migrate', 'bring the store up to date', async () => (await import('../commands/store.js')).migrate)
  add(program, 'prune', 'delete what nobody can use any more', async () => (await import('../commands/store.js')).prune)
  addRevocation(program, add)
  addUsers(program.command('users').description('who can log in'), add)
  addGroups(program.command('groups').description('what users may together'), add)
  addKeys(program.command('keys').description('what tokens are signed with'), add)
  addSessions(program.command('sessions').description('who is signed in'), add)
  addTokens(program.command('token').description('issue and examine tokens'), add)
  addApiTokens(program.command('tokens').description('API tokens: secrets for scripts and services'), add)
  add(
    program.command('issuers').description('others whose tokens are taken'),
    'check',
    'ask each issuer for its keys now, and show what does not fit',
    async () => (await import('../commands/issuers.js')).checkIssuers,
  )
  return program
}

function addRevocation(program: Program, add: Add): void {
  add(
    program,
    'revoke',
    'end one thing, or everything, before its time',
    async () => (await import('../commands/revoke.js')).revoke,
  )
    .option('--session <id>', 'a session, with its access tokens')
    .option('--user <username>', 'every session of a user')
    .option('--jti <jti>', 'one access token')
    .option('--key <kid>', 'a signing key, with all that it signed')
    .option('--everyone', 'every session of everybody')
  add(
    program,
    'restore',
    'after a backup came back: end every session and every key in it',
    async () => (await import('../commands/restore.js')).restore,
  )
}

function addKeys(keys: Program, add: Add): void {
  const code = () => import('../commands/keys.js')
  add(keys, 'list', 'the keys of the ring', async () => (await code()).listKeys)
  add(
    keys,
    'rotate',
    'let a new key take over, as soon as everybody can know it',
    async () => (await code()).rotateKeys,
  ).option('--emergency', 'at once; what the replaced key signed is dead')
  add(
    keys,
    'generate [file]',
    'write a private key to a file (default: private.pem), and print the public one',
    async () => (await import('../commands/generate-key.js')).generateKeyFiles,
  )
    .option('--type <type>', 'rsa-2048, rsa-3072, rsa-4096, p-256, p-384, p-521 or ed25519', 'rsa-3072')
    .option('--public <file>', 'write the public key to a file instead')
    .option('--jwk', 'print the public key as a JWK, too')
    .option('--algorithm <name>', 'what the JWK says the key is for')
    .option(...PASSPHRASE_FILE)
    .option('--no-passphrase', 'do not ask for one')
}

const PASSPHRASE_FILE = ['--passphrase-file <file>', 'where the passphrase of the private key stands'] as const

function addSessions(sessions: Program, add: Add): void {
  const code = () => import('../commands/sessions.js')
  add(sessions, 'list <username>', 'the living sessions of a user', async () => (await code()).listSessions)
  add(
    sessions,
    'revoke [session]',
    'end a session, with its access tokens',
    async () => (await code()).revokeSessions,
  ).option('--user <username>', 'end every session of a user')
}

function addApiTokens(tokens: Program, add: Add): void {
  const code = () => import('../commands/api-tokens.js')
  add(tokens, 'create <username>', 'make an API token and print it, once', async () => (await code()).createToken)
    .requiredOption('--name <name>', 'what it is for')
    .option('--permission <permission...>', 'what it is limited to (default: all that the user may)')
    .option('--expires <duration>', 'such as 30d, or never (default: 90d)')
  add(tokens, 'list [username]', 'API tokens of a user, or of everybody', async () => (await code()).listTokens)
  add(tokens, 'revoke <id>', 'end an API token', async () => (await code()).revokeToken)
}

function addTokens(token: Program, add: Add): void {
  const code = () => import('../commands/token.js')
  add(
    token,
    'issue',
    'print an access token of a session for a user, or any claims signed by a key of your own',
    async () => (await code()).issueToken,
  )
    .option('--user <username>', 'whose token')
    .option('--scope <scopes>', 'what it is granted, separated by spaces')
    .option('--key <file>', 'sign with this private key (PEM, encrypted or not) instead; --issuer is its `iss` then')
    .option('--claim <claim...>', 'name=text or name:=json')
    .option('--algorithm <name>', 'such as RS512; the usual one for the key if nothing is said')
    .option('--expires <duration>', 'how long it lives (default: 1h)')
    .option('--audience <name>', 'its `aud`')
    .option('--subject <name>', 'its `sub`')
    .option('--kid <name>', 'the name of the key in its header')
    .option('--typ <type>', 'its `typ` (default: JWT)')
    .option(...PASSPHRASE_FILE)
  add(
    token,
    'verify [token]',
    'tell whether an access token is good (- or nothing: stdin)',
    async () => (await code()).verifyToken,
  )
  add(
    token,
    'explain [token]',
    'show every check on a token',
    async () => (await import('../commands/explain.js')).explainToken,
  )
}
