/** B7: what it costs to import the library, to install it, and to wait for the first answer of the server. */
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { main, node, root } from '../scripts/lib/run.mjs'
import { quick, wanted } from './lib/command.mjs'
import { installLibrary } from './lib/installed.mjs'
import { freePort } from './lib/port.mjs'
import { below, print, row } from './lib/report.mjs'
import { median } from './lib/statistics.mjs'
import { inTurn } from './lib/turns.mjs'

await main(async () => {
  if (wanted('import')) await imports()
  if (wanted('install') && !quick) await inFolder(install)
  if (wanted('serve')) await inFolder(serve)
})

async function imports() {
  const peers = ['jose', 'fast-jwt', 'jsonwebtoken', 'hono/jwt', 'express-jwt']
  const program = fileURLToPath(new URL('./lib/imported.mjs', import.meta.url))
  const all = [undefined, 'latchkey/jwt', 'latchkey', ...peers]
  const [bare, door, whole, ...theirs] = await inTurn(all, async (specifier) => {
    const { code, stdout, output } = await node([program, ...(specifier ? [specifier] : [])], { cwd: root })
    if (code !== 0) throw new Error(output)
    return JSON.parse(stdout)
  })
  const above = (rounds, name = 'cpu') => median(rounds.map((round, at) => round[name] - bare[at][name]))
  const same = { goal: 'B7', case: 'import, ms of CPU above bare node', limit: 'bare node' }
  const ours = { ...same, candidate: 'latchkey/jwt', cost: above(door) }
  for (const [candidate, rounds, most] of [
    ['latchkey/jwt', door, 15],
    ['latchkey', whole, 60],
  ]) {
    const cost = above(rounds)
    const goal = { to: `at most ${most} ms`, ratio: below(cost, most), target: 1 }
    row({ ...same, candidate, cost, time: above(rounds, 'time'), peer: 'jose', ...goal })
  }
  for (const [at, peer] of peers.entries()) {
    const toCost = above(theirs[at])
    row({ ...ours, peer, to: peer, toCost, ratio: toCost / ours.cost })
  }
  print('B7 imports')
}

/** The package with SQLite for Nodes that have none of their own is what the second goal leaves out. */
async function install(folder) {
  const { packages, all, without } = await installLibrary(folder)
  const same = { goal: 'B7', candidate: 'latchkey', peer: 'better-auth (53 MB)', limit: 'nothing', packages }
  const small = without('@photostructure/sqlite')
  row({ ...same, case: 'install, MB, Node 20', cost: all, to: 'at most 45 MB', ratio: below(all, 45), target: 1 })
  const to = 'at most 15 MB'
  row({ ...same, case: 'install, MB, with node:sqlite', cost: small, to, ratio: below(small, 15), target: 1 })
  print('B7 installed size')
}

async function serve(folder) {
  const bin = `${root}packages/server/dist/bin.js`
  if (!existsSync(bin)) {
    console.error('\nB7 latchkey serve: NOT MEASURED, because packages/server/dist/bin.js was not built.')
    return
  }
  // The first start makes secret, database and keys; the goal is about a server that starts again.
  await firstAnswer(bin, folder)
  const [times] = await inTurn([bin], () => firstAnswer(bin, folder))
  const cost = median(times.map(({ cpu }) => cpu))
  const time = median(times.map(({ time }) => time))
  const names = {
    case: 'serve, ms of CPU to the first answer',
    time,
    candidate: 'latchkey serve',
    peer: 'none',
    limit: 'none',
  }
  row({ goal: 'B7', ...names, cost, to: 'at most 1000 ms', ratio: below(cost, 1_000), target: 1 })
  print('B7 latchkey serve')
}

async function firstAnswer(bin, cwd) {
  const port = await freePort()
  const start = performance.now()
  const child = spawn(process.execPath, [bin, 'serve', '--dev', '--port', port], { cwd, stdio: 'ignore' })
  const ended = new Promise((resolve) => child.once('exit', (code) => resolve(code ?? 'a signal')))
  let over = false
  ended.then(() => (over = true))
  try {
    while (!(await answers(port))) {
      if (over) throw new Error(`latchkey serve ended before it answered, with ${await ended}`)
      await sleep(20)
    }
    return { time: performance.now() - start, cpu: cpuOf(child.pid) }
  } finally {
    child.kill()
    await ended
  }
}

/** As Linux counts it for another process, in hundredths of a second. */
function cpuOf(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ')
  return (Number(fields[11]) + Number(fields[12])) * 10
}

async function answers(port) {
  const answer = await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => undefined)
  return answer?.ok === true
}

async function inFolder(work) {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-bench-'))
  try {
    await work(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
