/** The server secret: read from a file that only its owner can read, or made once for development. */
import { randomBytes } from 'node:crypto'
import {
  constants,
  linkSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname, sep } from 'node:path'
import { misconfigured } from '../cli/failure.js'

/** The secrets of a file, newest first; `#` begins a comment line. Throws for a file that others can read or that leads elsewhere. `name`: the setting. */
export function readSecretFile(path: string, name = 'secretFile'): readonly string[] {
  refuseUnsafe(path, name)
  const lines = readFileSync(path, 'utf8').split('\n')
  const secrets = lines.map((line) => line.trim()).filter((line) => line !== '' && !line.startsWith('#'))
  if (secrets.length === 0) throw misconfigured(`${name} names a file without a secret.`, `it is ${path}`)
  return secrets
}

/** Makes a secret in a file with mode 0600, unless one is there: of many processes that start at once, one wins. */
export function makeSecretFile(path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  // Complete before it has its name: nobody ever reads half a secret.
  const draft = `${path}.${process.pid}.${randomBytes(6).toString('hex')}`
  writeFileSync(draft, secretText(), { mode: 0o600, flag: 'wx' })
  try {
    linkSync(draft, path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  } finally {
    rmSync(draft)
  }
}

const secretText = (): string =>
  `# Server secrets of Latchkey, the newest first. Whoever reads this can sign in as anybody.\n${randomBytes(48).toString('base64url')}\n`

function refuseUnsafe(path: string, name: string): void {
  const hint = `it is ${path}`
  const found = lstatSync(path, { throwIfNoEntry: false })
  if (!found) throw misconfigured(`${name} names a file that does not exist.`, hint)
  // Orchestrators link within the mounted folder; a link out of it is somebody else's choice of file.
  const real = realpathSync(path)
  if (found.isSymbolicLink() && !real.startsWith(realpathSync(dirname(path)) + sep))
    throw misconfigured(`${name} is a link that leads out of its folder.`, hint)
  const { mode } = statSync(real)
  if (!statSync(real).isFile()) throw misconfigured(`${name} is not a file.`, hint)
  const forOthers = constants.S_IRWXO | constants.S_IWGRP
  if (process.platform !== 'win32' && (mode & forOthers) !== 0)
    throw misconfigured(`${name} can be read by others.`, `chmod 600 ${path}`)
}
