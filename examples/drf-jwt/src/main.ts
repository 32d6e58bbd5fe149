/** Starts the project: `npm run example -- drf-jwt --port 8000 --variant 2017`. */
import { listen, readArguments, seed } from '../../lib/example.mjs'
import { addAdmin, drfJwtProject } from './app.js'

const { variant = '1.17', ...given } = readArguments(undefined, { variant: { type: 'string' } })
if (variant !== '2017' && variant !== '1.17') throw new Error('--variant takes 2017 or 1.17')

const { app, auth } = drfJwtProject({ ...given, variant, signingKey: process.env.DJANGO_SECRET_KEY ?? given.secret })
await seed(auth)
await addAdmin(auth)
await listen(app, given)
