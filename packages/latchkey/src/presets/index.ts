/** The presets: Latchkey speaking as another system did. */
export type {
  FieldCallers,
  GraphqlSurface,
  Mutated,
  Mutation,
  MutationCall,
  TokenArgument,
} from '../endpoints/graphql-surface.js'
export type { Reading, Surface } from '../endpoints/surface.js'
export type { Preset } from '../preset.js'
export type {
  AccessFacts,
  AccessForm,
  AccessToken,
  ForeignRefresh,
  RefreshFacts,
  RefreshJwt,
  RefreshParts,
  TokenFormat,
} from '../tokens/format.js'
export { type CookieJwtauthSettings, cookieJwtauth } from './cookie-jwtauth.js'
export { type DjwtoSettings, djwto, jwtPermRequired } from './djwto.js'
export { type DrfJwtKeys, type DrfJwtSettings, drfJwt } from './drf-jwt.js'
export { type ExternalPyjwtSettings, externalPyjwt } from './external-pyjwt.js'
export { type GraphqlJwtSettings, graphqlJwt } from './graphql-jwt.js'
export {
  type OriginalRefreshTokens,
  type SimpleJwtAttempt,
  type SimpleJwtAuthentication,
  type SimpleJwtMembers,
  type SimpleJwtObtainSerializer,
  type SimpleJwtPath,
  type SimpleJwtSerializer,
  type SimpleJwtSettings,
  simplejwt,
} from './simplejwt.js'
