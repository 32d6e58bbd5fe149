/** Starts the project: `npm run example -- simplejwt --port 8000 --rotate`. */
import { listen, readArguments, seed } from '../../lib/example.mjs'
import { simplejwtProject } from './app.js'

const { rotate, sliding, ...given } = readArguments(undefined, {
  rotate: { type: 'boolean' },
  sliding: { type: 'boolean' },
})

const { app, auth } = simplejwtProject({
  ...given,
  settings: {
    SIGNING_KEY: process.env.DJANGO_SECRET_KEY ?? given.secret,
    ...(rotate && { ROTATE_REFRESH_TOKENS: true, BLACKLIST_AFTER_ROTATION: true }),
    ...(sliding && { AUTH_TOKEN_CLASSES: ['SlidingToken'] }),
  },
})
await seed(auth)
await listen(app, given)
