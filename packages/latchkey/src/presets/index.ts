/** The presets: Latchkey speaking as another system did. */
export type { Reading, Surface } from '../endpoints/surface.js'
export type { Preset } from '../preset.js'
export type { AccessFacts, AccessToken, RefreshFacts, RefreshJwt, RefreshParts, TokenFormat } from '../tokens/format.js'
export { type CookieJwtauthSettings, cookieJwtauth } from './cookie-jwtauth.js'
export { type DjwtoSettings, djwto, jwtPermRequired } from './djwto.js'
export { type DrfJwtSettings, drfJwt } from './drf-jwt.js'
export { type ExternalPyjwtSettings, externalPyjwt } from './external-pyjwt.js'
export { type SimpleJwtSettings, simplejwt } from './simplejwt.js'
