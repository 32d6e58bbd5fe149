/** The preset of django_pyjwt_example: a framework that trusts one issuer's key, checks claims by a schema, and makes users on the fly. */
import { basic } from '../guard/basic.js'
import type { IssuerOptions } from '../issuer-options.js'
import type { Algorithm } from '../jwt/algorithms.js'
import type { Preset } from '../preset.js'
import { native } from '../tokens/format.js'
import type { RequestHead } from '../transport/head.js'
import type { Credential, Transport } from '../transport/transport.js'
import { invalid } from '../util/checks.js'
import { drfSurface } from './drf.js'
import { sayAsPyjwt } from './external-pyjwt/refusals.js'
import { withUser } from './with-user.js'

/** What the original has in its settings and in its authentication class, under the same names; in camel case: what it should have had. */
export interface ExternalPyjwtSettings
  extends Pick<IssuerOptions, 'id' | 'issuer' | 'audience' | 'leeway' | 'maxLifetime' | 'attributes' | 'permissions'> {
  /** The issuer's public key in PEM, or several while it changes from one to the next. */
  readonly JWT_PUBLIC_KEY: string | readonly string[]
  /** Default `['RS512']`. */
  readonly algorithms?: readonly Algorithm[]
  /** JSON Schema of the claims. Default: a `username` that is text, and an `exp` that is a whole number. */
  readonly token_schema?: object
}

/** The schema of the original. */
const TOKEN_SCHEMA = {
  type: 'object',
  properties: { username: { type: 'string' }, exp: { type: 'integer' } },
  required: ['username', 'exp'],
}

const KNOWN: Readonly<Record<keyof ExternalPyjwtSettings, true>> = {
  JWT_PUBLIC_KEY: true,
  algorithms: true,
  token_schema: true,
  id: true,
  issuer: true,
  audience: true,
  leeway: true,
  maxLifetime: true,
  attributes: true,
  permissions: true,
}

/**
 * Answers as django_pyjwt_example does: local users by Basic, the issuer's by `Bearer` and a claim `username`, made at first sight;
 * 403 for every refusal. A name that is taken never leads to who has it. Throws `options_invalid` for settings that it does not know.
 *
 * @example
 * ```ts
 * import { readFileSync } from 'node:fs'
 * import { createAuth } from 'latchkey'
 * import { externalPyjwt } from 'latchkey/presets'
 * const auth = createAuth({
 *   database: 'sqlite:app-auth.db',
 *   secret: process.env.LATCHKEY_SECRET ?? '',
 *   preset: externalPyjwt({ JWT_PUBLIC_KEY: readFileSync('public.pem', 'utf8') }),
 * })
 * ```
 */
export function externalPyjwt(settings: ExternalPyjwtSettings): Preset {
  if (typeof settings !== 'object' || settings === null) throw invalid('externalPyjwt', 'takes an object')
  for (const name of Object.keys(settings))
    if (!Object.hasOwn(KNOWN, name)) throw invalid(name, 'is not a setting that means something here')
  const { JWT_PUBLIC_KEY: pem, algorithms = ['RS512'], token_schema: schema = TOKEN_SCHEMA, ...row } = settings
  if (pem === undefined) throw invalid('JWT_PUBLIC_KEY', 'is missing')
  return {
    name: 'external-pyjwt',
    // Tokens of the issuer have no `iss`, so ours must have one. Nobody signs in here: it is for what the application issues itself.
    defaults: { issuer: 'latchkey' },
    issuers: [
      {
        id: 'external',
        subject: 'username',
        username: 'username',
        leeway: 0,
        ...row,
        keys: { pem },
        algorithms,
        schema,
      },
    ],
    format: native,
    transports: [TRANSPORT],
    surface: drfSurface({ routes: [], challenge: '', say: sayAsPyjwt(schema) }),
    authenticators: [basic, withUser],
  }
}

/** To the letter `Bearer`, and exactly one word behind it; anything else is no credential at all. */
function access(head: RequestHead): Credential | undefined {
  const [scheme, token, ...more] = (head.header('authorization') ?? '')
    .split(/[\t\n\v\f\r ]+/)
    .filter((part) => part !== '')
  if (scheme !== 'Bearer' || token === undefined || more.length > 0) return undefined
  return { token, via: 'bearer' }
}

const TRANSPORT: Transport = {
  kind: 'bearer',
  access,
  refresh: (_head, given) => (given === undefined ? undefined : { token: given, via: 'bearer' }),
  deliver: ({ access: token, refresh }) => ({
    body: refresh === undefined ? { access: token } : { access: token, refresh },
    cookies: [],
  }),
  clear: () => ({ body: {}, cookies: [] }),
}
