/** The cluster as its command starts it, in a process of its own, and what tests do to it. */
import { type ChildProcess, spawn } from 'node:child_process'
import { chmodSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { compileExample } from '../../../scripts/lib/examples.mjs'

export type Name = 'a' | 'b' | 'c' | 'postgres' | 'redis'

export interface Member {
  readonly pid: number
  readonly port: number
  readonly isUp: boolean
}

export interface Pair {
  readonly access: string
  readonly refresh: string
}

export type Running = Awaited<ReturnType<typeof startExample>>

const main = fileURLToPath(new URL('../dist/main.js', import.meta.url))

export async function startExample() {
  await compileExample('cluster')
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-test-'))
  chmodSync(folder, 0o711)
  const env = { ...process.env, TMPDIR: folder }
  const child = spawn(process.execPath, [main, '--port', '0'], { env, stdio: ['ignore', 'pipe', 'inherit'] })
  const base = await printed(child, /listening on (http:\/\/localhost:\d+)/)
  return { base, child, folder, members, urlOf, kill, login, refresh }

  async function members(): Promise<Record<Name, Member>> {
    return (await (await fetch(`${base}/cluster`)).json()) as Record<Name, Member>
  }

  async function urlOf(name: Name): Promise<string> {
    return `http://127.0.0.1:${(await members())[name].port}`
  }

  /** Answers when the process is seen to be gone; the answer waits until it is back. */
  async function kill(name: Name): Promise<() => Promise<void>> {
    const { pid } = (await members())[name]
    process.kill(pid, 'SIGKILL')
    await until(async () => !(await members())[name].isUp)
    return async () => void (await until(async () => (await members())[name].isUp))
  }

  async function login(at = base): Promise<Pair> {
    const answer = await post(`${at}/auth/login`, { username: 'alice', password: 'password' })
    if (answer.status !== 200) throw new Error(`login: ${answer.status}`)
    return pairOf(answer)
  }

  function refresh(token: string, at = base): Promise<Response> {
    return post(`${at}/auth/refresh`, { refresh_token: token })
  }
}

export async function pairOf(answer: Response): Promise<Pair> {
  const { access_token, refresh_token } = (await answer.json()) as Record<string, string>
  return { access: String(access_token), refresh: String(refresh_token) }
}

export function post(url: string, body: object, token?: string): Promise<Response> {
  const headers = { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) }
  return fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })
}

export function get(url: string, token: string): Promise<Response> {
  return fetch(url, { headers: { authorization: `Bearer ${token}` } })
}

export async function until(isSo: () => Promise<boolean>, seconds = 15): Promise<number> {
  const began = performance.now()
  while (!(await isSo())) {
    if (performance.now() - began > seconds * 1000) throw new Error(`not within ${seconds} seconds: ${isSo}`)
    await sleep(5)
  }
  return performance.now() - began
}

function printed(child: ChildProcess, what: RegExp): Promise<string> {
  let text = ''
  return new Promise((resolve, reject) => {
    child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk
      const found = what.exec(text)?.[1]
      if (found) resolve(found)
    })
    child.once('exit', (code) => reject(new Error(`ended with ${code}: ${text}`)))
  })
}
