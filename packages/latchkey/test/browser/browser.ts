/** One browser for the test run, started by the first file that needs it, and a context of its own for every test. */
import { type ChildProcess, spawn } from 'node:child_process'
import { createHash, X509Certificate } from 'node:crypto'
import { mkdirSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium } from 'playwright-core'
import { expect, inject, onTestFinished } from 'vitest'
import { keepCertificate } from '../../../server/src/http/certificate.js'
import { type Running, shared } from '../services/server.js'

export const PROGRAM = fileURLToPath(new URL('browser-server.mjs', import.meta.url))

/** Ends with the worker that it is of. */
let connection: Promise<Browser> | undefined

/** The only certificate that the browser trusts, for whatever name. */
export async function certificate(): Promise<{ readonly key: string; readonly cert: string }> {
  await url()
  return keepCertificate(join(inject('services'), 'browser'))
}

/** A browser that knows nothing yet. It is closed with the test, which fails if a script of a page did not catch an error. */
export async function newContext(options?: BrowserContextOptions): Promise<BrowserContext> {
  connection ??= url().then((endpoint) => chromium.connect(endpoint))
  const context = await (await connection).newContext(options)
  const errors: string[] = []
  context.on('weberror', (one) => errors.push(String(one.error())))
  onTestFinished(async ({ task }) => {
    await photograph(context, task.name)
    await context.close()
    expect(errors).toEqual([])
  })
  return context
}

const url = (): Promise<string> => shared(inject('services'), 'browser', start)

async function start(folder: string): Promise<Running> {
  const { cert } = keepCertificate(folder)
  const { child, card } = await launch(folder, cert)
  return { url: card.url, stop: ['kill', [String(child.pid)]] }
}

/** Where a browser listens, its own process, and where it writes. */
interface Card {
  readonly url: string
  readonly browser: number
  readonly folder: string
}

/** Starts a browser: the process that runs it, and what is known of it. There is no second attempt. */
export async function launch(
  folder: string,
  cert: string,
  env: NodeJS.ProcessEnv = process.env,
): Promise<{ readonly child: ChildProcess; readonly card: Card }> {
  const spki = new X509Certificate(cert).publicKey.export({ type: 'spki', format: 'der' })
  const log = join(folder, 'log')
  const child = spawn(process.execPath, [PROGRAM, createHash('sha256').update(spki).digest('base64')], {
    stdio: ['ignore', 'pipe', openSync(log, 'w')],
    env,
  })
  const line = await new Promise<string>((resolve, reject) => {
    child.stdout?.once('data', (chunk: Buffer) => resolve(chunk.toString()))
    child.once('exit', () => reject(new Error(`The browser did not start.\n${readFileSync(log, 'utf8')}`)))
  })
  return { child, card: JSON.parse(line) }
}

/** With LATCHKEY_SCREENSHOTS=FOLDER the pages of every test are there to be looked at. */
async function photograph(context: BrowserContext, name: string): Promise<void> {
  const folder = process.env.LATCHKEY_SCREENSHOTS
  if (folder === undefined) return
  mkdirSync(folder, { recursive: true })
  const file = name.replace(/\W+/g, '-').slice(0, 80)
  for (const [i, page] of context.pages().entries()) await page.screenshot({ path: join(folder, `${file}-${i}.png`) })
}
