/** Starts the project: `npm run example -- djwto --port 8000 --mode TWO-COOKIES --tls`. */
import { localCertificate } from '../../lib/certificate.mjs'
import { listen, readArguments, seed } from '../../lib/example.mjs'
import { djwtoProject, type Mode } from './app.js'

const {
  mode = 'JSON',
  tls,
  ...given
} = readArguments(undefined, { mode: { type: 'string' }, tls: { type: 'boolean' } })
if (!['JSON', 'ONE-COOKIE', 'TWO-COOKIES'].includes(mode))
  throw new Error('--mode takes JSON, ONE-COOKIE or TWO-COOKIES')

const { app, auth } = djwtoProject({
  ...given,
  mode: mode as Mode,
  origin: `${tls ? 'https' : 'http'}://localhost:${given.port}`,
  signingKey: process.env.DJWTO_SIGNING_KEY ?? given.secret,
})
await seed(auth)
await listen(app, { ...given, ...(tls && { tls: localCertificate() }) })
