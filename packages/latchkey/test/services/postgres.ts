/** PostgreSQL for tests: one server for the run, one database for each test file that asks. */
import { execFile } from 'node:child_process'
import { chownSync, mkdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import pg from 'pg'
import { inject } from 'vitest'
import { programPath } from '../../../../scripts/services.mjs'
import { freePort, type Running, shared } from './server.js'

const exec = promisify(execFile)

/** As many test files run at once as the machine has cores, each with a dozen connections and children with as many. */
const CONNECTIONS = 200

/**
 * The URL of a new, empty database. The server syncs nothing: what a test of lost power or of speed needs is a server of
 * its own.
 */
export async function postgresDatabase(name: string): Promise<string> {
  const url = await shared(inject('services'), 'postgres', (folder) => startPostgres(folder, ['fsync=off']))
  await onServer(`${url}/postgres`, `create database "${name}"`)
  return `${url}/${name}`
}

export async function onServer(url: string, sql: string): Promise<void> {
  const client = new pg.Client(url)
  await client.connect()
  try {
    await client.query(sql)
  } finally {
    await client.end()
  }
}

/** Starts a server whose data lies in the given folder. `settings` are those of postgresql.conf. */
async function startPostgres(folder: string, settings: readonly string[] = []): Promise<Running> {
  const port = await freePort()
  const home = join(folder, 'home')
  mkdirSync(home)
  giveAway(home)
  const data = join(home, 'data')
  await asPostgres('initdb', [
    '-D',
    data,
    '-U',
    'postgres',
    '-A',
    'trust',
    '-E',
    'UTF8',
    '--locale=C.UTF-8',
    '--no-sync',
  ])
  const all = ['listen_addresses=127.0.0.1', `max_connections=${CONNECTIONS}`, ...settings]
  const options = [`-p ${port}`, `-k ${home}`, ...all.map((setting) => `-c ${setting}`)].join(' ')
  // pg_ctl keeps what it inherits open, so its output goes to a file.
  await asPostgres('pg_ctl', ['-D', data, '-w', '-t', '60', '-l', join(home, 'log'), '-o', options, 'start'])
  return { url: `postgres://postgres@127.0.0.1:${port}`, stop: stopping(data) }
}

const stopping = (data: string): Running['stop'] => command('pg_ctl', ['-D', data, '-m', 'immediate', '-w', 'stop'])

const isRoot = process.getuid?.() === 0

/** PostgreSQL refuses to run as root. */
function command(program: string, args: readonly string[]): [string, readonly string[]] {
  const path = programPath(program) ?? program
  return isRoot ? ['runuser', ['-u', 'postgres', '--', path, ...args]] : [path, args]
}

async function asPostgres(program: string, args: readonly string[]): Promise<void> {
  const [file, all] = command(program, args)
  // The folder of whoever runs the tests may be closed to that user.
  await exec(file, [...all], { cwd: '/' })
}

/** To the user that Debian made for PostgreSQL; the folder of that user says which one it is. */
function giveAway(folder: string): void {
  if (!isRoot) return
  const { uid, gid } = statSync('/var/lib/postgresql')
  chownSync(folder, uid, gid)
}
