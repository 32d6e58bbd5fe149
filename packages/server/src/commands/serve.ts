/** `latchkey serve`: the server, from its configuration to a graceful stop. */
import { mkdirSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { asFailure, EXIT } from '../cli/failure.js'
import type { Task } from '../cli/task.js'
import type { Config } from '../config/load.js'
import { openAuth, type ServerAuth } from '../config/open.js'
import { createApp } from '../http/app.js'
import { commonHeaders } from '../http/headers.js'
import { type Certificate, type Listening, listen } from '../http/listen.js'
import { createLog, type Log } from '../http/log.js'
import { type BannerFacts, bannerLines, bannerText } from './banner.js'

/** Compiled scripts and the copied reference page lie beside this file's folder. */
const ASSETS = new URL('../', import.meta.url)

export async function serve({ io, json, config: read }: Task): Promise<undefined> {
  const stopped = io.stopped()
  const config = read()
  const log = createLog({ level: config.said.logLevel ?? 'info', development: config.development, write: io.err })
  const auth = openAuth(config, io.clock, log)
  try {
    const certificate = config.tls ? await ownCertificate(config) : undefined
    const server = await start(config, auth, log, certificate)
    try {
      const facts = await whenReady(() => greet(config, auth, server.port, certificate?.path), stopped, log)
      if (facts) io.out(json ? `${JSON.stringify(asValue(facts))}\n` : bannerText(facts))
      await stopped
      log.info('stopping')
    } finally {
      await server.stop()
    }
  } finally {
    await auth.close()
  }
  log.info('stopped')
}

/** The store may come later: the server answers 503 until then. A configuration that does not fit it ends the start. */
async function whenReady<T>(work: () => Promise<T>, stopped: Promise<void>, log: Log): Promise<T | undefined> {
  const ending = new AbortController()
  void stopped.then(() => ending.abort())
  while (!ending.signal.aborted) {
    try {
      return await work()
    } catch (error) {
      if (asFailure(error).exit === EXIT.config) throw error
      log.error({ err: error }, 'not ready')
      await sleep(1_000, undefined, { signal: ending.signal }).catch(() => {})
    }
  }
  return undefined
}

function start(config: Config, auth: ServerAuth, log: Log, certificate: Certificate | undefined): Promise<Listening> {
  const { issuer, host, port, requireAuthentication } = config
  const failed = (error: unknown): void => log.error({ err: error }, 'a request failed')
  const graphql = once(async () => {
    const { createGraphql } = await import('../graphql/handler.js')
    return createGraphql({ auth, isRequired: requireAuthentication.graphql, development: config.development, failed })
  })
  const app = createApp({ auth, requireAuthentication, graphql, assets: ASSETS, failed })
  return listen({
    port,
    host,
    certificate,
    headers: commonHeaders(issuer),
    fetch: app.fetch,
    answered: (facts) => log.info(facts, 'request'),
    failed,
  })
}

/** What the banner says; opens the store. */
async function greet(
  { development, issuer, tls }: Config,
  auth: ServerAuth,
  port: number,
  certificate: string | undefined,
): Promise<BannerFacts> {
  const code = (await auth.bootstrap?.offer())?.code
  const suggested = development ? await auth.bootstrap?.suggestedPassword() : undefined
  const password = code !== undefined || (suggested && (await isPassword(auth, suggested))) ? suggested : undefined
  // Behind a proxy the lines have to reach the public address; in development this port.
  const url = development ? `http${tls ? 's' : ''}://localhost:${port}` : issuer.replace(/\/$/, '')
  return { url, development, code, password, certificate }
}

/** Whether `admin` still has the password that the first start suggested. */
async function isPassword(auth: ServerAuth, password: string): Promise<boolean> {
  const head = { method: 'POST', header: () => undefined }
  const call = { head, peer: { address: undefined }, authentication: async () => ({}) }
  try {
    const { tokens } = await auth.operations.login({ username: 'admin', password }, call)
    await auth.revoke({ session: tokens.sessionId })
    return true
  } catch {
    return false
  }
}

const asValue = (facts: BannerFacts) => ({ url: facts.url, code: facts.code ?? null, lines: bannerLines(facts) })

async function ownCertificate({ dataFolder }: Config): Promise<Certificate & { readonly path: string }> {
  const { keepCertificate } = await import('../http/certificate.js')
  mkdirSync(dataFolder, { recursive: true, mode: 0o700 })
  return keepCertificate(dataFolder)
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined
  return () => (made ??= make())
}
