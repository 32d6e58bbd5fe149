/** One at a time: two commands started together must not install or build over each other. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { root } from './run.mjs'

const folder = `${root}.cache/`

export async function alone(name, work) {
  const file = `${folder}${name}.lock`
  mkdirSync(folder, { recursive: true })
  while (!take(file)) await sleep(200)
  try {
    return await work()
  } finally {
    rmSync(file, { force: true })
  }
}

function take(file) {
  try {
    writeFileSync(file, String(process.pid), { flag: 'wx' })
    return true
  } catch (error) {
    if (error.code !== 'EEXIST') throw error
    if (!ownerLives(file)) rmSync(file, { force: true })
    return false
  }
}

function ownerLives(file) {
  try {
    const pid = Number(readFileSync(file, 'utf8'))
    // An empty file belongs to someone who is about to write into it.
    if (pid > 0) process.kill(pid, 0)
    return true
  } catch (error) {
    return error.code === 'EPERM'
  }
}
