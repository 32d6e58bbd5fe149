/** The configuration file: JSON with comments, read as a whole; a member that nobody knows stops the start. */
import { existsSync, readFileSync } from 'node:fs'
import { basename, dirname, resolve } from 'node:path'
import { misconfigured } from '../cli/failure.js'
import { issuersFrom } from './issuers.js'
import { parseJsonc } from './jsonc.js'
import { readValue } from './read.js'
import { rows, type Said, type Setting } from './settings.js'

export const FILE = 'latchkey.config.jsonc'

export interface ConfigFile {
  readonly path: string
  readonly said: Said
}

/** Reads the file that was named, or the one that lies in `cwd` if there is one. */
export function readConfigFile(named: string | undefined, cwd: string): ConfigFile | undefined {
  const path = resolve(cwd, named ?? FILE)
  if (!existsSync(path)) {
    if (named === undefined) return undefined
    throw misconfigured('The configuration file does not exist.', `looked for ${path}`)
  }
  const where = basename(path)
  const said = Object.entries(flatten(parse(path, where))).map(([name, value]) => {
    if (!Object.hasOwn(rows, name)) throw unknown(name, where)
    return readValue(name as Setting, value, where)
  })
  return { path, said: fromFolder(Object.assign({}, ...said), dirname(path)) }
}

function parse(path: string, where: string): object {
  let value: unknown
  try {
    value = parseJsonc(readFileSync(path, 'utf8'))
  } catch {
    // The engine's message quotes the text around the fault, and that could be a secret.
    throw misconfigured(`${where} cannot be read as JSON with comments.`)
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value
  throw misconfigured(`${where} must be an object of settings.`)
}

/** `{ requireAuthentication: { rest: true } }` as `requireAuthentication.rest`. */
function flatten(value: object, above = ''): Record<string, unknown> {
  const flat: Record<string, unknown> = Object.create(null)
  for (const [name, member] of Object.entries(value)) {
    const isLevel = typeof member === 'object' && member !== null && !Array.isArray(member)
    if (isLevel && above === '') Object.assign(flat, flatten(member, `${name}.`))
    else flat[`${above}${name}`] = member
  }
  return flat
}

function unknown(name: string, where: string): Error {
  const hint = name === 'secret' ? 'a secret stands in secretFile or in LATCHKEY_SECRET' : undefined
  return misconfigured(`${name.slice(0, 64)} (${where}) is not a setting.`, hint)
}

/** What a file names lies where that file lies, from wherever the server is started. */
export function fromFolder(said: Said, folder: string): Said {
  return {
    ...said,
    ...(said.secretFile !== undefined && { secretFile: resolve(folder, said.secretFile) }),
    ...(said.database !== undefined && { database: databaseFrom(said.database, folder) }),
    ...(said.issuers !== undefined && { issuers: issuersFrom(said.issuers, folder) }),
  }
}

/** A relative path of SQLite made absolute; anything else as it is. */
function databaseFrom(database: string, folder: string): string {
  const [, path] = /^sqlite:(?:\/\/)?(.+)$/.exec(database) ?? []
  return path === undefined ? database : `sqlite:${resolve(folder, path)}`
}
