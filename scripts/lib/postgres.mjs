/** The files of a PostgreSQL server of one's own, and the user who runs it: for tests, soaks and examples. */
import { execFile } from 'node:child_process'
import { chownSync, mkdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { programPath } from '../services.mjs'

const exec = promisify(execFile)

/** Makes the files in a folder that others can pass through; answers where they are, and where sockets and logs may lie. */
export async function makePostgresFiles(folder) {
  const home = join(folder, 'home')
  mkdirSync(home)
  const { uid, gid } = postgresUser()
  if (uid !== undefined) chownSync(home, uid, gid)
  const data = join(home, 'data')
  const how = ['-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C.UTF-8', '--no-sync']
  // The folder of whoever runs this may be closed to that user.
  await exec(programPath('initdb') ?? 'initdb', ['-D', data, ...how], { cwd: '/', uid, gid })
  return { home, data }
}

/** PostgreSQL refuses to run as root: then it is the user that Debian made for it, and the folder of that user says which one it is. */
export function postgresUser() {
  if (process.getuid?.() !== 0) return {}
  const { uid, gid } = statSync('/var/lib/postgresql')
  return { uid, gid }
}
