/** Where the endpoints of simplejwt stand: those of the pair and those of sliding tokens, by what opens views; and the public keys, where there are any. */
import type { Algorithm } from '../../jwt/algorithms.js'
import { invalid } from '../../util/checks.js'
import type { ReadSettings, SimpleJwtPath, SimpleJwtTokenClass } from './settings.js'

type Paths = ReadSettings['paths']

const PAIR: Paths = {
  obtain: '/api/token/',
  refresh: '/api/token/refresh/',
  verify: '/api/token/verify/',
  blacklist: '/api/token/blacklist/',
  sliding: null,
  sliding_refresh: null,
  jwks: null,
}
/** Where a `JWK_URL` points to. */
const JWKS = '/.well-known/jwks.json'

/** Sliding tokens stand where the documentation of the original has them, unless the pair is there. */
function usual(classes: readonly SimpleJwtTokenClass[]): Paths {
  if (!classes.includes('SlidingToken')) return PAIR
  if (classes.includes('AccessToken'))
    return { ...PAIR, sliding: '/api/sliding/', sliding_refresh: '/api/sliding/refresh/' }
  const { obtain, refresh, verify } = PAIR
  return { ...PAIR, obtain: null, refresh: null, verify, blacklist: null, sliding: obtain, sliding_refresh: refresh }
}

/** What an endpoint hands out must open a view. */
const NEEDS: Readonly<Partial<Record<SimpleJwtPath, SimpleJwtTokenClass>>> = {
  obtain: 'AccessToken',
  refresh: 'AccessToken',
  sliding: 'SlidingToken',
  sliding_refresh: 'SlidingToken',
}

export function readPaths(given: Partial<Paths>, classes: readonly SimpleJwtTokenClass[], alg: Algorithm): Paths {
  const isPublic = !alg.startsWith('HS')
  for (const [name, path] of Object.entries(given)) {
    if (!Object.hasOwn(PAIR, name)) throw invalid(`paths.${name}`, 'is not an endpoint')
    const isPath = typeof path === 'string' && /^(\/[\w.-]+)+\/?$/.test(path)
    if (!isPath && path !== null && path !== undefined) throw invalid(`paths.${name}`, 'must be a path, or null')
    const needed = NEEDS[name as SimpleJwtPath]
    if (path && needed && !classes.includes(needed))
      throw invalid(`paths.${name}`, `needs ${needed} in AUTH_TOKEN_CLASSES`)
    if (path && name === 'jwks' && !isPublic)
      throw invalid('paths.jwks', `means nothing with ${alg}: its key is secret`)
  }
  const named = Object.fromEntries(Object.entries(given).filter(([, path]) => path !== undefined)) as Partial<Paths>
  const paths = { ...usual(classes), ...(isPublic && { jwks: JWKS }), ...named }
  const places = Object.values(paths).flatMap((path) => (path === null ? [] : [path.replace(/\/$/, '')]))
  if (new Set(places).size < places.length) throw invalid('paths', 'must be different ones')
  return paths
}
