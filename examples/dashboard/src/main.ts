/** Starts the dashboard: `npm run example -- dashboard --port 8000`. */
import { listen, readArguments, seed } from '../../lib/example.mjs'
import { dashboard } from './app.js'

const given = readArguments()
const { app, auth } = dashboard({ ...given, signingKey: process.env.DJANGO_SECRET_KEY ?? given.secret })
await seed(auth)
await listen(app, given)
