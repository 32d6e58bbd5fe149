/** Starts a PostgreSQL server of one's own, on a free port and in a folder of its own: for tests, and for scripts that run without them. */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import pg from 'pg'
import { freePort } from '../../../../scripts/lib/free-port.mjs'
import { makePostgresFiles } from '../../../../scripts/lib/postgres.mjs'
import { programPath } from '../../../../scripts/services.mjs'

const exec = promisify(execFile)

/** As many test files run at once as the machine has cores, each with a dozen connections and children with as many. */
const CONNECTIONS = 300

/**
 * Starts a server whose data lies in the given folder, which others have to be able to pass through. `settings` are those of
 * postgresql.conf. `stop` is the command that ends it.
 *
 * @param {string} folder
 * @param {readonly string[]} settings
 * @returns {Promise<import('./server.js').Running>}
 */
export async function startPostgres(folder, settings = []) {
  const port = await freePort()
  const { home, data } = await makePostgresFiles(folder)
  const all = ['listen_addresses=127.0.0.1', `max_connections=${CONNECTIONS}`, ...settings]
  const options = [`-p ${port}`, `-k ${home}`, ...all.map((setting) => `-c ${setting}`)].join(' ')
  // pg_ctl keeps what it inherits open, so its output goes to a file.
  await asPostgres('pg_ctl', ['-D', data, '-w', '-t', '60', '-l', join(home, 'log'), '-o', options, 'start'])
  const stop = command('pg_ctl', ['-D', data, '-m', 'immediate', '-w', 'stop'])
  return { url: `postgres://postgres@127.0.0.1:${port}`, stop }
}

/**
 * Makes an empty database on a server; answers its URL.
 *
 * @param {string} url
 * @param {string} name
 */
export async function createDatabase(url, name) {
  await onServer(`${url}/postgres`, `create database "${name}"`)
  return `${url}/${name}`
}

/**
 * @param {string} url
 * @param {string} sql
 */
export async function onServer(url, sql) {
  const client = new pg.Client(url)
  await client.connect()
  try {
    await client.query(sql)
  } finally {
    await client.end()
  }
}

const isRoot = process.getuid?.() === 0

/**
 * PostgreSQL refuses to run as root.
 *
 * @param {string} program
 * @param {readonly string[]} args
 * @returns {[string, readonly string[]]}
 */
function command(program, args) {
  const path = programPath(program) ?? program
  return isRoot ? ['runuser', ['-u', 'postgres', '--', path, ...args]] : [path, args]
}

/**
 * @param {string} program
 * @param {readonly string[]} args
 */
async function asPostgres(program, args) {
  const [file, all] = command(program, args)
  // The folder of whoever runs the tests may be closed to that user.
  await exec(file, [...all], { cwd: '/' })
}
