/** Starts the API: `npm run example -- cookie-auth --port 8000 --tls --access-lifetime 5`. */
import { localCertificate } from '../../lib/certificate.mjs'
import { listen, readArguments, seed } from '../../lib/example.mjs'
import { cookieAuth } from './app.js'

const {
  tls,
  'access-lifetime': lifetime = '300',
  ...given
} = readArguments(undefined, { tls: { type: 'boolean' }, 'access-lifetime': { type: 'string' } })
if (!/^[1-9]\d{0,5}$/.test(lifetime)) throw new Error('--access-lifetime takes a number of seconds')

const { app, auth } = cookieAuth({
  ...given,
  origin: `${tls ? 'https' : 'http'}://localhost:${given.port}`,
  signingKey: process.env.DJANGO_SECRET_KEY ?? given.secret,
  accessLifetime: Number(lifetime),
})
await seed(auth)
await listen(app, { ...given, ...(tls && { tls: localCertificate() }) })
