/** Cookies: their names, flags, paths, lifetimes and deletion, and the two transports that are made of them. */

import { invalid } from '../util/checks.js'
import { onlyCookie, type SetCookie, writeCookie } from '../util/cookie.js'
import { checkCookieOptions } from './cookie-options.js'
import type { RequestHead } from './head.js'
import type { CookieSite, CookieTransport, Credential, Delivery, Tokens } from './transport.js'

/**
 * Cookies that were set under other names, or for another domain or path, before this version. To be taken off again after one
 * `refreshLifetime`: a name without prefix is one that a sub-domain may plant.
 */
export interface FormerCookies {
  /** Full names: a whole access token, a refresh token, a CSRF token. They are read where the present cookies are missing, and deleted with every answer that sets cookies. */
  readonly access?: string
  readonly refresh?: string
  readonly csrf?: string
  readonly domain?: string
  /** Default `/`. */
  readonly path?: string
}

/** What `oneCookie` and `splitCookies` may be told. */
export interface CookieOptions {
  /** Names without their prefix. Default `access_token` (split: `access`, of which `_payload` and `_signature` are made), `refresh_token`, `csrf_token`. */
  readonly names?: { readonly access?: string; readonly refresh?: string; readonly csrf?: string }
  /** Default `Lax`; the refresh cookie is `Strict` where it is bound to the path of the endpoints. */
  readonly sameSite?: 'Lax' | 'Strict' | 'None'
  /**
   * Shares the cookies with all sub-domains of this one. Every host there can then set them, too, and sign a visitor in as somebody
   * else: only for a domain whose every host is trusted. Prefixes become `__Secure-`.
   */
  readonly domain?: string
  readonly formerly?: readonly FormerCookies[]
}

/** A cookie of the layout, without its value. */
type Place = Omit<SetCookie, 'value' | 'maxAge'>

interface Layout {
  readonly access: Place
  readonly payload: Place
  readonly signature: Place
  readonly refresh: Place
  readonly csrf: Place
}

/**
 * The access token in one cookie that no script can read, the refresh token in another that goes to the endpoints alone, and a
 * CSRF token that every request but GET, HEAD and OPTIONS has to repeat in the header `X-CSRF-Token`.
 *
 * @example
 * ```ts
 * import { bearer, createAuth, oneCookie } from 'latchkey'
 * const auth = createAuth({
 *   issuer: 'https://api.example.com', database: 'memory', secret: process.env.LATCHKEY_SECRET ?? '',
 *   transports: [oneCookie(), bearer()],
 * })
 * ```
 */
export const oneCookie = (options: CookieOptions = {}): CookieTransport => cookies(options, 'access_token', false)

/**
 * As `oneCookie`, but with `header.payload` in a cookie that scripts can read, so that a page knows its user and the token's end without a
 * request, and the signature in one that they cannot. What the page reads is a hint: only both together are a token.
 *
 * @example
 * ```ts
 * import { createAuth, splitCookies } from 'latchkey'
 * const auth = createAuth({
 *   issuer: 'https://api.example.com', database: 'memory', secret: process.env.LATCHKEY_SECRET ?? '',
 *   transports: [splitCookies({ domain: 'example.com' })],
 * })
 * ```
 */
export const splitCookies = (options: CookieOptions = {}): CookieTransport => cookies(options, 'access', true)

function cookies(options: CookieOptions, accessName: string, split: boolean): CookieTransport {
  return (site) => {
    checkCookieOptions(options)
    const at = layout(options, accessName, site)
    const former = options.formerly ?? []
    const access = split ? joined : whole
    const names = [...(split ? [at.payload, at.signature] : [at.access]), at.refresh, at.csrf]
    requireUsable(names, former)
    return {
      kind: 'cookie',
      access: (head) => {
        const header = head.header('cookie')
        return header === undefined ? undefined : (access(header) ?? formerly(header, 'access'))
      },
      refresh: (head) => {
        const header = head.header('cookie')
        if (header === undefined) return undefined
        const token = onlyCookie(header, at.refresh.name)
        return token ? { token, via: 'cookie' } : formerly(header, 'refresh')
      },
      deliver,
      clear,
      csrf: { header: 'x-csrf-token', cookie: csrfOf },
      accessBytes: (token) => Math.max(...accessCookies(token).map(([{ name }, value]) => name.length + value.length)),
    }

    function whole(header: string): Credential | undefined {
      const token = onlyCookie(header, at.access.name)
      return token ? { token, via: 'cookie' } : undefined
    }

    function joined(header: string): Credential | undefined {
      const payload = onlyCookie(header, at.payload.name)
      const signature = onlyCookie(header, at.signature.name)
      if (!payload && !signature) return undefined
      // A script deleted one, or only one arrived. It is a credential all the same, and the next refresh brings the other half.
      return { token: `${payload ?? ''}.${signature ?? ''}`, via: 'cookie', split: true }
    }

    function csrfOf(head: RequestHead): string | undefined {
      const header = head.header('cookie')
      if (header === undefined) return undefined
      const names = [at.csrf.name, ...former.flatMap(({ csrf }) => csrf ?? [])]
      return names.map((name) => onlyCookie(header, name)).find((one) => one !== undefined)
    }

    function formerly(header: string, which: 'access' | 'refresh'): Credential | undefined {
      for (const one of former) {
        const name = one[which]
        const token = name === undefined ? undefined : onlyCookie(header, name)
        if (token) return { token, via: 'cookie' }
      }
      return undefined
    }

    function accessCookies(token: string): readonly (readonly [Place, string])[] {
      if (!split) return [[at.access, token]]
      const dot = token.lastIndexOf('.')
      return [
        [at.payload, token.slice(0, dot)],
        [at.signature, token.slice(dot + 1)],
      ]
    }

    function deliver(tokens: Tokens, csrf?: string): Delivery {
      const accessAge = lifetime(tokens, tokens.accessExpiresAt)
      const sessionAge = lifetime(tokens, tokens.refreshExpiresAt)
      const set = accessCookies(tokens.access).map(([place, value]) =>
        writeCookie({ ...place, value, maxAge: accessAge }),
      )
      if (tokens.refresh !== undefined)
        set.push(writeCookie({ ...at.refresh, value: tokens.refresh, maxAge: sessionAge }))
      if (csrf !== undefined) set.push(writeCookie({ ...at.csrf, value: csrf, maxAge: sessionAge }))
      return { body: {}, cookies: [...set, ...forgotten()] }
    }

    /** Of one token alone: without the CSRF token the other could not be used any more. */
    function clear(what?: 'access' | 'refresh'): Delivery {
      const gone = what === 'refresh' ? [at.refresh] : what === 'access' ? names.slice(0, split ? 2 : 1) : names
      return { body: {}, cookies: [...gone.map(erase), ...forgotten(what)] }
    }

    function forgotten(what?: 'access' | 'refresh'): readonly string[] {
      return former.flatMap(({ access: a, refresh: r, csrf: c, domain, path = '/' }) =>
        (what === 'access' ? [a] : what === 'refresh' ? [r] : [a, r, c]).flatMap((name) =>
          name === undefined ? [] : [erase({ ...at.access, name, path, domain, readable: false })],
        ),
      )
    }
  }
}

/** Two cookies of one name would make every request ambiguous. */
function requireUsable(places: readonly Place[], former: readonly FormerCookies[]): void {
  for (const place of places) writeCookie({ ...place, value: '' })
  const names = new Set<string | undefined>(places.map(({ name }) => name))
  const stays = former.some(({ access, refresh, csrf }) => [access, refresh, csrf].some((name) => names.has(name)))
  if (stays || names.size < places.length) throw invalid('transports', 'two cookies have the same name')
}

const erase = (place: Place): string => writeCookie({ ...place, value: '', maxAge: 0 })

/** Without "remember me" the browser forgets when it closes, whatever the session would still have. */
const lifetime = ({ remember, issuedAt }: Tokens, until: number): number | undefined =>
  remember ? until - issuedAt : undefined

function layout({ names = {}, sameSite = 'Lax', domain }: CookieOptions, accessName: string, site: CookieSite): Layout {
  if (!['Lax', 'Strict', 'None'].includes(sameSite)) throw invalid('transports', 'sameSite must be Lax, Strict or None')
  if (sameSite === 'None' && !site.secure) throw invalid('transports', 'sameSite None needs https')
  const access = names.access ?? accessName
  const everywhere = { sameSite, path: '/' } as const
  return {
    access: place(access, { ...everywhere, readable: false }),
    payload: place(`${access}_payload`, { ...everywhere, readable: true }),
    signature: place(`${access}_signature`, { ...everywhere, readable: false }),
    refresh: place(names.refresh ?? 'refresh_token', {
      path: site.refreshPath,
      sameSite: site.refreshPath === '/' || sameSite === 'None' ? sameSite : 'Strict',
      readable: false,
    }),
    csrf: place(names.csrf ?? 'csrf_token', { ...everywhere, readable: true }),
  }

  /** `__Host-` cookies come from this very host; `__Secure-` ones at least by https, from any host that shares the domain. */
  function place(name: string, rest: Pick<Place, 'path' | 'sameSite' | 'readable'>): Place {
    const { secure } = site
    const prefix = !secure ? '' : domain === undefined && rest.path === '/' ? '__Host-' : '__Secure-'
    return { ...rest, name: `${prefix}${name}`, domain, secure }
  }
}
