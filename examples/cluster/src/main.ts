/** Starts the cluster: `npm run example -- cluster --port 8000`. Ctrl-C stops all of it and leaves nothing behind. */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import type { RequestListener } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { listen, readArguments } from '../../lib/example.mjs'
import { freePort } from '../../lib/services.mjs'
import { type Cluster, startCluster } from './cluster.js'
import { createProxy } from './proxy.js'

const given = readArguments()
const port = given.port || (await freePort())
const folder = mkdtempSync(join(tmpdir(), 'latchkey-cluster-'))
// PostgreSQL refuses to run as root, so that another user has to pass through here.
chmodSync(folder, 0o711)
process.once('exit', () => rmSync(folder, { recursive: true, force: true }))

const starting = startCluster(folder, `http://localhost:${port}`, given.secret)
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => void stop())
const cluster = await starting
const proxy = createProxy(cluster.servers)
await listen(withStatus(cluster, proxy), { ...given, port })

/** What is half started is finished, and then stopped. */
async function stop(): Promise<void> {
  await starting.then(
    ({ stop }) => stop(),
    () => {},
  )
  process.exit()
}

/** `GET /cluster` tells who runs where, so that one knows what to kill. */
function withStatus({ servers, services }: Cluster, next: RequestListener): RequestListener {
  return (request, response) => {
    if (request.url !== '/cluster') return next(request, response)
    const rows = [...servers, ...services].map(({ name, pid, port, isUp }) => [name, { pid, port, isUp }])
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify(Object.fromEntries(rows)))
  }
}
