/** A fake issuer: signs whatever a test wants, and publishes its keys in process or, when asked, over a port. */
import { randomBytes } from 'node:crypto'
import type { Algorithm } from '../jwt/algorithms.js'
import { type Claims, signJws } from '../jwt/jws.js'
import { generateKey, importKey, type Key, type KeyInput, type PublicJwk, publicJwk, thumbprint } from '../jwt/key.js'
import { randomId } from '../util/bytes.js'
import { type Clock, seconds, systemClock } from '../util/time.js'
import { type Attack, createAttack } from './attack/attack.js'
import { callerOf, type TestCaller } from './caller.js'
import { byHeaders, byScheme } from './carrying.js'
import { type Defective, pick, type TokenDefect } from './defective.js'
import type { Defect } from './defects.js'
import { createServing } from './serving.js'
import { defectsOf } from './signing.js'

/** What a fake issuer may be told. */
export interface FakeIssuerOptions {
  /** Its `iss`. Default `https://issuer.test`, or the URL of its port once it has one. */
  readonly issuer?: string
  /** Whom its tokens are for. Default `https://api.example.com`. */
  readonly audience?: string | readonly string[]
  /** Default `ES256`. */
  readonly algorithm?: Algorithm
  /** Default: a new one. */
  readonly key?: KeyInput
  /** The `typ` of its access tokens. Default `at+jwt`. */
  readonly typ?: string
  /** How long its tokens live. Default 5 minutes. */
  readonly lifetime?: string | number
  /** What every token says, in place of what it would. */
  readonly claims?: Claims
  /** The application's, so that both move together. Default: the machine's. */
  readonly clock?: Clock
  /** How a client sends its token. Default `Authorization: Bearer`. */
  readonly carry?: (token: string) => Readonly<Record<string, string>>
}

/** Whom a token of another issuer stands for. */
export interface IssuedPerson {
  /** Default `test-user`. */
  readonly sub?: string
  readonly permissions?: readonly string[]
  readonly groups?: readonly string[]
  readonly scopes?: readonly string[]
  /** In place of those that the token would have; `undefined` takes one away. */
  readonly claims?: Claims
}

/** An issuer in a test. */
export interface FakeIssuer {
  /** Its `iss`. */
  readonly url: string
  /** Its public keys, newest first; empty for a shared secret. */
  readonly jwks: { readonly keys: readonly PublicJwk[] }
  /** The same as the option `keys` of an issuer: `issuers: [{ issuer: fake.url, keys: fake.keys }]`. */
  readonly keys: { readonly jwks: { readonly keys: readonly PublicJwk[] } } | { readonly secret: string }
  /** What a library is told that takes text: the public key as PEM, or the secret. */
  readonly verifyKey: string
  /** Answers as its server would: its metadata (OpenID Connect Discovery, RFC 8414) and its keys; 404 for anything else. */
  fetch(input: string | URL | Request): Promise<Response>
  /** Serves the same on this machine, on a free port unless one is named, and answers its URL. */
  listen(port?: number): Promise<string>
  /** Takes the port away again: an outage. */
  close(): Promise<void>
  /** Signs with a new key from now on; `forget`: the old ones are not published any more. */
  rotate(options?: { readonly forget?: boolean }): void
  /** A token with these claims. */
  token(claims?: Claims): string
  /** Somebody who calls with a token of this issuer. */
  as(person?: IssuedPerson): TestCaller
  /** Every defective token that can be made of the good one of a person. */
  defects(person?: IssuedPerson): readonly Defect[]
  /** A caller with the first defective token of a class. Throws a TypeError for a class that there is no token of. */
  defective(name: TokenDefect, person?: IssuedPerson): Defective
  /** Sends every defective token to every route, and tells what was let in. */
  readonly attack: Attack
}

/**
 * An issuer for the tests of whatever takes the tokens of another: `remoteAuth`, the option `issuers`, or any library. Throws
 * `options_invalid` for a key that is weak or of another kind.
 *
 * @example
 * ```ts
 * import { remoteAuth } from 'latchkey'
 * import { fakeIssuer, testClock } from 'latchkey/testing'
 * const clock = testClock()
 * const issuer = fakeIssuer({ audience: 'https://reports.example.com', clock })
 * const auth = remoteAuth(issuer.url, { audience: 'https://reports.example.com', keys: issuer.keys, clock })
 * const analyst = issuer.as({ sub: 'a-1', scopes: ['reports'] })
 * console.log((await auth.tokens.verify(analyst.token)).subject) // a-1
 * ```
 */
export function fakeIssuer(options: FakeIssuerOptions = {}): FakeIssuer {
  const {
    algorithm = 'ES256',
    audience = 'https://api.example.com',
    typ = 'at+jwt',
    clock = systemClock,
    carry,
  } = options
  const lifetime = seconds(options.lifetime ?? '5m', 'lifetime')
  const way = carry ? byHeaders(carry) : byScheme('Bearer')
  let keys: readonly Held[] = [firstKey(algorithm, options.key)]
  const serving = createServing(() => ({ issuer: issuer.url, algorithm, jwks: published() }))
  const made = new WeakMap<TestCaller, Key>()

  const issuer: FakeIssuer = {
    get url() {
      return options.issuer ?? serving.url ?? 'https://issuer.test'
    },
    get jwks() {
      return published()
    },
    get keys() {
      const { secret } = signer()
      return secret === undefined ? { jwks: published() } : { secret }
    },
    get verifyKey() {
      const { key, secret } = signer()
      return secret ?? String(key.public?.export({ type: 'spki', format: 'pem' }))
    },
    fetch: async (input) => serving.answer(new URL(input instanceof Request ? input.url : input).pathname),
    listen: serving.listen,
    close: serving.close,
    rotate({ forget = false } = {}) {
      keys = [firstKey(algorithm, undefined), ...(forget ? [] : keys)]
    },
    token,
    as,
    defects: (person) => tableOf(as(person)),
    defective: (name, person) => pick(name, tableOf(as(person)), [way]),
    attack: createAttack({ as: () => as({ permissions: ['*'] }), tableOf, waysOf: () => [way] }),
  }
  return issuer

  function signer(): Held {
    return keys[0] as Held
  }

  function published(): FakeIssuer['jwks'] {
    return { keys: keys.flatMap(({ key }) => publicJwk(key) ?? []) }
  }

  function token(claims: Claims = {}): string {
    const now = clock()
    const usual = { iss: issuer.url, aud: audience, sub: 'test-user', iat: now, exp: now + lifetime, jti: randomId() }
    return signJws({ typ }, { ...usual, ...options.claims, ...claims }, signer().key)
  }

  function as({ sub = 'test-user', permissions, groups, scopes, claims }: IssuedPerson = {}): TestCaller {
    const said = { sub, ...(permissions && { permissions }), ...(groups && { groups }), ...claims }
    const caller = callerOf({
      subject: sub,
      token: token({ ...said, ...(scopes && { scope: scopes.join(' ') }) }),
      ways: [way],
      refreshToken: undefined,
      sessionId: undefined,
    })
    made.set(caller, signer().key)
    return caller
  }

  function tableOf(caller: TestCaller): readonly Defect[] {
    const key = made.get(caller)
    if (!key) throw new TypeError('this caller was made by another issuer')
    return defectsOf(caller.token, key, MOST_LIFETIME).filter(isForAnyIssuer)
  }
}

/** A key, and its text where it is a shared secret. */
interface Held {
  readonly key: Key
  readonly secret: string | undefined
}

function firstKey(algorithm: Algorithm, given: KeyInput | undefined): Held {
  if (!algorithm.startsWith('HS') && given === undefined) return { key: generateKey(algorithm), secret: undefined }
  const input = given ?? { secret: randomBytes(64).toString('base64url') }
  const key = importKey(input, algorithm, { sign: true })
  const secret = 'secret' in input && typeof input.secret === 'string' ? input.secret : undefined
  return { key: { ...key, kid: key.kid ?? thumbprint(key) }, secret }
}

/** A month: what is taken of other issuers unless their row says otherwise. */
const MOST_LIFETIME = 30 * 86_400

/**
 * Other issuers need no `jti` and no `sid`, have clocks of their own, and many call their access tokens `JWT` or nothing at all; where
 * there is one key, its name is nothing to look up.
 */
const isForAnyIssuer = ({ name, class: bad }: Defect): boolean =>
  bad !== 'missing-jti' && !NOT_FOR_OTHERS.has(name) && !name.startsWith('sid ')

const NOT_FOR_OTHERS: ReadonlySet<string> = new Set(['exp now', 'typ "JWT"', 'typ undefined', 'kid __proto__'])
