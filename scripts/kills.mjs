/** The soak `kill`: kills a server over one database again and again, and judges what its clients saw. */
import { execFileSync } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { runKills } from '../packages/latchkey/test/kills/run.mjs'
import { variants } from '../packages/latchkey/test/kills/variants.mjs'
import { build } from './build.mjs'
import { Stop } from './lib/run.mjs'
import { services } from './services.mjs'
import { setup } from './setup.mjs'

/** By name: lends the URL of an empty database for some work; `undefined` is a SQLite file that the run makes. */
const stores = { sqlite: (work) => work(undefined), postgres: withPostgres }

/** Prints the verdict; answers the exit code. */
export async function kill(args) {
  const { store, kills, variant, seed } = readArguments(args)
  await setup('full')
  await build(['esm'])
  const began = performance.now()
  const result = await stores[store]((database) => runKills({ kills, database, variant, seed, progress }))
  process.stderr.write('\n')
  console.log(JSON.stringify({ store, ...result }, undefined, 2))
  const violations = result.lost + result.forks + result.falseReuse + result.resurrected + result.odd
  // A faulty store that nobody notices is the failure.
  return violations > 0 === (variant === 'none') ? 1 : 0

  function progress(done) {
    const seconds = Math.round((performance.now() - began) / 1000)
    const end = process.stderr.isTTY ? '' : '\n'
    if (end === '' || done % 50 === 0) process.stderr.write(`\rkilled ${done} of ${kills} times in ${seconds} s${end}`)
  }
}

/** A server of its own, that syncs as people's servers do. */
async function withPostgres(work) {
  await services()
  // Loaded here, so that nothing but this needs the driver.
  const { createDatabase, startPostgres } = await import('../packages/latchkey/test/services/postgres-server.mjs')
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-soak-'))
  // PostgreSQL refuses to run as root, so that another user has to pass through here.
  chmodSync(folder, 0o711)
  const server = await startPostgres(folder)
  // Nobody else would stop it: a Ctrl-C does not reach it.
  for (const signal of ['SIGINT', 'SIGTERM']) {
    process.on(signal, () => {
      stop()
      process.exit(130)
    })
  }
  try {
    return await work(await createDatabase(server.url, 'kills'))
  } finally {
    stop()
  }

  function stop() {
    const [program, args] = server.stop
    execFileSync(program, args, { cwd: '/', stdio: 'ignore' })
    rmSync(folder, { recursive: true, force: true })
  }
}

function readArguments(args) {
  const options = {
    store: { type: 'string', default: 'sqlite' },
    kills: { type: 'string', default: '100' },
    variant: { type: 'string', default: 'none' },
    seed: { type: 'string', default: String(Date.now()) },
  }
  const names = [stores, variants].map((table) => Object.keys(table).join('|'))
  const usage = `npm run soak -- kill [--store ${names[0]}] [--kills number] [--variant ${names[1]}] [--seed number]`
  try {
    const { store, variant, ...values } = parseArgs({ args, options }).values
    const [kills, seed] = [Number(values.kills), Number(values.seed)]
    const good = Number.isSafeInteger(kills) && kills > 0 && Number.isSafeInteger(seed)
    if (good && Object.hasOwn(stores, store) && Object.hasOwn(variants, variant)) return { store, kills, variant, seed }
  } catch {}
  throw new Stop(usage, { code: 2 })
}
