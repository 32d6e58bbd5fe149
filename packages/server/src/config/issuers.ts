/** The issuers of the configuration: rows as the library takes them, with files in place of what does not belong into a configuration file. */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { IssuerOptions } from 'latchkey'
import { misconfigured } from '../cli/failure.js'
import { readSecretFile } from './secret.js'

/** A row as it is written down: keys may also lie in files. */
export type IssuerSaid = Omit<IssuerOptions, 'keys' | 'admit'> & { readonly keys?: Readonly<Record<string, unknown>> }

/** Whether a value can be a list of rows; what a row may say is the library's to judge. */
export const isIssuers = (value: unknown): boolean =>
  Array.isArray(value) && value.length > 0 && value.every(isObject) && !value.some((row) => 'admit' in row)

/** Paths of key files made absolute, from the folder of whatever names them. */
export function issuersFrom(rows: readonly IssuerSaid[], folder: string): readonly IssuerSaid[] {
  return rows.map((row) => {
    if (!isObject(row.keys)) return row
    const keys = Object.entries(row.keys).map(([name, value]) => [
      name,
      FILES.has(name) ? placed(value, folder) : value,
    ])
    return { ...row, keys: Object.fromEntries(keys) }
  })
}

/** The rows as the library takes them: what files hold is read. Throws a failure of exit code 78. */
export function readIssuerFiles(rows: readonly IssuerSaid[]): readonly IssuerOptions[] {
  return rows.map((row, at) => {
    const { pemFile, secretFile, ...others } = row.keys ?? {}
    const read = {
      ...(pemFile !== undefined && { pem: readPems(pemFile, `issuers[${at}].keys.pemFile`) }),
      ...(secretFile !== undefined && { secret: secretIn(secretFile, `issuers[${at}].keys.secretFile`) }),
    }
    return (row.keys === undefined ? row : { ...row, keys: { ...others, ...read } }) as IssuerOptions
  })
}

const FILES = new Set(['jwksFile', 'pemFile', 'secretFile'])

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function placed(value: unknown, folder: string): unknown {
  if (Array.isArray(value)) return value.map((one) => placed(one, folder))
  return typeof value === 'string' ? resolve(folder, value) : value
}

/** Several blocks in one file are several keys, while the issuer changes from one to the next. */
function readPems(paths: unknown, name: string): readonly string[] {
  const all: readonly unknown[] = Array.isArray(paths) ? paths : [paths]
  return all.flatMap((path) => {
    const text = readText(path, name)
    const blocks = text.match(/-----BEGIN [^-]+-----[^-]+-----END [^-]+-----/g)
    if (blocks === null) throw misconfigured(`${name} names a file without a PEM block.`, `it is ${path}`)
    return blocks
  })
}

function secretIn(path: unknown, name: string): string {
  const [secret, ...more] = readSecretFile(asPath(path, name), name)
  if (secret === undefined || more.length > 0) throw misconfigured(`${name} must hold one secret.`, `it is ${path}`)
  return secret
}

function readText(path: unknown, name: string): string {
  try {
    return readFileSync(asPath(path, name), 'utf8')
  } catch (error) {
    if ((error as Error).name === 'Failure') throw error
    throw misconfigured(`${name} names a file that cannot be read.`, `it is ${path}`)
  }
}

function asPath(path: unknown, name: string): string {
  if (typeof path === 'string' && path !== '') return path
  throw misconfigured(`${name} must be the path of a file.`)
}
