/** Imports that are killed: a large project is imported once without a break and once killed at three points, and both must hold the same. */
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { contents, sqliteModule, writeDump, writeSqlite } from './world.mjs'

const here = (path) => fileURLToPath(new URL(path, import.meta.url))

/** Where a run is killed, as shares of the users. */
const POINTS = [0.2, 0.5, 0.8]

/** Makes the source in a folder; answers what `--from` is. */
export const makers = {
  async dump(folder, users) {
    await writeDump(`${folder}/dump.json`, users)
    return `${folder}/dump.json`
  },
  async sqlite(folder, users) {
    await writeSqlite(`${folder}/db.sqlite3`, users)
    return `sqlite:${folder}/db.sqlite3`
  },
}

/** `spoil` may change the database that was killed, before it is compared: a judge that cannot fail is none. */
export async function runImports({
  users,
  kind,
  points = POINTS,
  spoil = async (_path) => {},
  progress = (_what) => {},
}) {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-import-'))
  try {
    progress('making the project')
    const from = await makers[kind](folder, users)
    progress('without a break')
    const whole = await imported(folder, 'whole', from)
    const killed = []
    for (const point of points) {
      progress(`killed at ${point * 100} %`)
      killed.push(await killedAt(folder, from, Math.floor(point * users)))
    }
    progress('to the end')
    const resumed = await imported(folder, 'killed', from)
    await spoil(databaseOf(folder, 'killed'))
    const differences = differ(
      await contents(databaseOf(folder, 'whole')),
      await contents(databaseOf(folder, 'killed')),
    )
    const peakMegabytes = Math.max(whole.peakMegabytes, resumed.peakMegabytes)
    const { value, seconds } = whole
    return {
      kind,
      users,
      seconds,
      peakMegabytes,
      whole: value.users,
      resumed: resumed.value.users,
      killed,
      differences,
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const databaseOf = (folder, name) => `${folder}/${name}/latchkey-data/latchkey.db`

function start(folder, name, from) {
  const cwd = `${folder}/${name}`
  mkdirSync(cwd, { recursive: true })
  const words = ['users', 'import', 'django', '--from', from, '--dev', '--json']
  const child = spawn(process.execPath, ['--require', here('peak.cjs'), here('../../dist/bin.js'), ...words], {
    cwd,
    env: { PATH: process.env.PATH, PEAK_FILE: `${cwd}/peak` },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let out = ''
  child.stdout.on('data', (data) => {
    out += data
  })
  const ended = new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, out }))
  })
  return { child, ended }
}

async function imported(folder, name, from) {
  const began = performance.now()
  const { code, out } = await start(folder, name, from).ended
  if (code !== 0) throw new Error(`the import ended with ${code}: ${out}`)
  const peakMegabytes = Number(readFileSync(`${folder}/${name}/peak`, 'utf8'))
  return { value: JSON.parse(out), peakMegabytes, seconds: Math.round((performance.now() - began) / 1000) }
}

/** Kills an import once so many users are there; answers how many were. */
async function killedAt(folder, from, wanted) {
  const { child, ended } = start(folder, 'killed', from)
  let over = false
  const result = ended.then((one) => {
    over = true
    return one
  })
  while (!over && (await countUsers(databaseOf(folder, 'killed'))) < wanted) await sleep(5)
  child.kill('SIGKILL')
  const { code } = await result
  if (code === 0) throw new Error('the import was over before it could be killed')
  return countUsers(databaseOf(folder, 'killed'))
}

async function countUsers(path) {
  if (!existsSync(path)) return 0
  const { DatabaseSync } = await sqliteModule()
  let database
  try {
    database = new DatabaseSync(path)
    return Number(database.prepare('select count(*) as n from latchkey_users').all()[0].n)
  } catch {
    // It is being made, or somebody writes.
    return 0
  } finally {
    database?.close()
  }
}

/** What one holds and the other does not, by table. */
function differ(one, other) {
  return Object.keys(one).flatMap((table) => {
    const [rows, others] = [one[table], other[table]].map((all) => new Set(all.map((row) => JSON.stringify(row))))
    return [...rows]
      .filter((row) => !others.has(row))
      .concat([...others].filter((row) => !rows.has(row)))
      .map((row) => `${table} ${row.slice(0, 200)}`)
  })
}
