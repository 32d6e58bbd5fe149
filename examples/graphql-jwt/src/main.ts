/** Starts the application: `npm run example -- graphql-jwt --port 8000 --long-running`. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { listen, readArguments, seed } from '../../lib/example.mjs'
import { graphqlJwtProject } from './app.js'

const { 'long-running': longRunning, ...given } = readArguments(undefined, { 'long-running': { type: 'boolean' } })
const settings = {
  JWT_SECRET_KEY: process.env.DJANGO_SECRET_KEY ?? given.secret,
  JWT_ALLOW_ARGUMENT: true,
  JWT_LONG_RUNNING_REFRESH_TOKEN: longRunning === true,
  ...JSON.parse(process.env.GRAPHQL_JWT ?? '{}'),
}
const origin = `http://localhost:${given.port}`
const { handler, auth } = graphqlJwtProject({ ...given, database: shared(given.database), origin, settings })
await seed(auth)
await listen(handler, given)

/** A file that goes with this run, where there is to be no database: the views have to see the same users. */
function shared(database: string): string {
  if (database !== 'memory') return database
  const folder = mkdtempSync(`${tmpdir()}/latchkey-graphql-jwt-`)
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit())
  return `sqlite:${folder}/auth.db`
}
