/** That no browser outlives its tests, however they end, and that one which cannot start says why. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { makeCertificate } from '../../../server/src/http/certificate.js'
import { launch, PROGRAM } from './browser.js'

const { cert } = makeCertificate(Date.now())

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-browser-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** Those of a process group that still run: a process that has ended, and that nobody asked about, does not. */
const running = (group: number): number =>
  readdirSync('/proc').filter((entry) => {
    try {
      const [state, , itsGroup] =
        readFileSync(`/proc/${Number(entry)}/stat`, 'utf8')
          .split(') ')[1]
          ?.split(' ') ?? []
      return state !== 'Z' && Number(itsGroup) === group
    } catch {
      return false
    }
  }).length

/** Within a minute. */
async function until(isSo: () => boolean): Promise<boolean> {
  for (let turn = 0; turn < 600 && !isSo(); turn += 1) await sleep(100)
  return isSo()
}

test('a browser that is told to stop leaves no process and no file behind', async () => {
  const { child, card } = await launch(newFolder(), cert)
  expect(running(card.browser)).toBeGreaterThan(1)
  child.kill('SIGTERM')
  await once(child, 'exit')
  expect(running(card.browser)).toBe(0)
  expect(existsSync(card.folder)).toBe(false)
})

test('a browser goes when whoever started it is killed', async () => {
  const script = `require('node:child_process').spawn(process.execPath, ['${PROGRAM}', 'none'], { stdio: 'inherit' })`
  const parent = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [line] = await once(parent.stdout, 'data')
  const { browser, folder } = JSON.parse(String(line))
  expect(running(browser)).toBeGreaterThan(1)
  parent.kill('SIGKILL')
  expect(await until(() => running(browser) === 0 && !existsSync(folder))).toBe(true)
})

test('a browser that cannot start is one clear failure', async () => {
  const nowhere = { ...process.env, PATH: '/nowhere' }
  await expect(launch(newFolder(), cert, nowhere)).rejects.toThrow(
    /The browser did not start\.\n[\s\S]*chromium-headless-shell/,
  )
})
