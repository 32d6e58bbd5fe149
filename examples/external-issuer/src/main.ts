/** Starts the API: `npm run example -- external-issuer --port 8000 --public-key public.pem`. */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { listen, readArguments, seed } from '../../lib/example.mjs'
import { externalIssuer } from './app.js'

const {
  'public-key': keyFile,
  schema,
  ...given
} = readArguments(undefined, {
  'public-key': { type: 'string' },
  schema: { type: 'string' },
})
if (keyFile === undefined) throw new Error('--public-key takes the file with the public key of the issuer')

const { app, auth } = externalIssuer({
  ...given,
  publicKey: read(keyFile),
  schema: schema === undefined ? undefined : JSON.parse(read(schema)),
})
await seed(auth)
await listen(app, given)

/** From where the command was typed, which is not where npm runs it. */
function read(path: string): string {
  return readFileSync(resolve(process.env.INIT_CWD ?? '.', path), 'utf8')
}
