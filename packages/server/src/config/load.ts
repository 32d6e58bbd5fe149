/** The configuration of a command: file, environment and flags, in that order of increasing priority, then the defaults of the mode. */
import { resolve } from 'node:path'
import { misconfigured } from '../cli/failure.js'
import type { Io } from '../cli/io.js'
import { fromFolder, readConfigFile } from './file.js'
import { readText } from './read.js'
import { makeSecretFile, readSecretFile } from './secret.js'
import { rows, type Said, type Setting, settingNames, variableOf } from './settings.js'

/** What the command line said, all of it as text. */
export interface Flags {
  readonly config?: string | undefined
  readonly dev?: boolean | undefined
  readonly values?: Readonly<Partial<Record<Setting, string>>>
}

/** Everything that a command starts from. */
export interface Config {
  readonly development: boolean
  readonly said: Said
  readonly issuer: string
  readonly database: string
  /** Newest first. */
  readonly secrets: readonly string[]
  readonly port: number
  readonly host: string
  /** Where development keeps its database, secret and certificate. */
  readonly dataFolder: string
  readonly requireAuthentication: { readonly rest: boolean; readonly graphql: boolean }
  readonly tls: boolean
}

const DATA = 'latchkey-data'
const DEFAULT_PORT = 4180

/** Throws a failure of exit code 78 that names the setting at fault, never its value. */
export function loadConfig(flags: Flags, { env, cwd }: Pick<Io, 'env' | 'cwd'>): Config {
  const development = flags.dev ?? env.NODE_ENV === 'development'
  const fromEnv = readEnvironment(env, cwd)
  const file = readConfigFile(flags.config ?? env.LATCHKEY_CONFIG, cwd)
  const said: Said = { ...file?.said, ...fromEnv, ...readFlags(flags, cwd) }
  const dataFolder = resolve(cwd, DATA)
  const tls = said.tls ?? false
  const port = said.port ?? DEFAULT_PORT
  if (port > 65_535) throw misconfigured('port must be at most 65535.')
  if (tls && !development) throw misconfigured('tls is for development only.', 'a proxy in front ends TLS')
  return {
    development,
    said,
    port,
    tls,
    dataFolder,
    host: said.host ?? '127.0.0.1',
    issuer: said.issuer ?? (development ? `http${tls ? 's' : ''}://localhost:${port}` : missing('issuer')),
    secrets: readSecrets(said, env, development ? `${dataFolder}/secret` : undefined),
    database: said.database ?? (development ? `sqlite:${dataFolder}/latchkey.db` : missing('database')),
    requireAuthentication: {
      rest: said['requireAuthentication.rest'] ?? false,
      graphql: said['requireAuthentication.graphql'] ?? false,
    },
  }
}

function readEnvironment(env: Io['env'], cwd: string): Said {
  const byVariable = new Map(settingNames.map((name) => [variableOf(name), name]))
  const said: Said[] = []
  for (const [variable, text] of Object.entries(env)) {
    if (!variable.startsWith('LATCHKEY_') || text === undefined) continue
    const name = byVariable.get(variable)
    if (name !== undefined) said.push(readText(name, text, variable))
    else if (!OTHERS.includes(variable)) throw misconfigured(`${variable.slice(0, 64)} (environment) is not a setting.`)
  }
  return fromFolder(Object.assign({}, ...said), cwd)
}

/** Variables that are no settings of the file. */
const OTHERS = ['LATCHKEY_SECRET', 'LATCHKEY_CONFIG']

function readFlags({ values = {} }: Flags, cwd: string): Said {
  const given = Object.entries(values) as [Setting, string | undefined][]
  const said = given.flatMap(([name, text]) => (text === undefined ? [] : [readText(name, text, flagOf(name))]))
  return fromFolder(Object.assign({}, ...said), cwd)
}

const flagOf = (name: Setting): string => `--${name}`

function readSecrets(said: Said, env: Io['env'], ownFile: string | undefined): readonly string[] {
  if (env.LATCHKEY_SECRET !== undefined) {
    if (env.LATCHKEY_SECRET_FILE !== undefined)
      throw misconfigured('LATCHKEY_SECRET and LATCHKEY_SECRET_FILE are both set.', 'one of them is enough')
    return env.LATCHKEY_SECRET.split(',').map((secret) => secret.trim())
  }
  if (said.secretFile !== undefined) return readSecretFile(said.secretFile)
  if (ownFile === undefined) throw missing('secretFile')
  makeSecretFile(ownFile)
  return readSecretFile(ownFile)
}

function missing(name: Setting): never {
  const { about } = rows[name]
  const also = name === 'secretFile' ? ', or LATCHKEY_SECRET' : ''
  throw misconfigured(
    `${name} is missing.`,
    `${about}. Set it in the file that \`latchkey init\` writes, or as ${variableOf(name)}${also}; --dev needs none`,
  )
}
