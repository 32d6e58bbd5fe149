/** Starts the application: `npm run example -- subscribers --port 8000`. */
import { listen, readArguments, seed } from '../../lib/example.mjs'
import { subscribersApp } from './app.js'

const given = readArguments()
const { app, auth } = subscribersApp({ ...given, signingKey: process.env.DJANGO_SECRET_KEY ?? given.secret })
await seed(auth)
await listen(app, given)
