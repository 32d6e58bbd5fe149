/** Tokens in cookies: the browser keeps them for all tabs, and of them this page reads at most what is meant for it. */
import type { CsrfAnswer } from '../endpoints/wire.js'
import { type Browser, secondsOf } from './browser.js'
import { claimsOf } from './claims.js'
import type { Home } from './home.js'
import { asUser, isUnsafe, type Keeper, type Mark } from './keeper.js'
import { type NewsDesk, newsOf } from './news.js'
import { ageOf, type Term, termOf } from './term.js'
import type { ClientOptions, ClientUser } from './types.js'

export interface CookieParts {
  readonly browser: Browser
  readonly home: Home
  readonly names: NonNullable<ClientOptions['names']>
  readonly news: Pick<NewsDesk, 'last'>
  /** Asks an endpoint. */
  readonly ask: (path: string) => Promise<unknown>
}

/** The cookies that this page can read now. */
interface Seen {
  readonly payload: string | undefined
  readonly csrf: string | undefined
}

export function cookieKeeper({ browser, home, names, news, ask }: CookieParts): Keeper {
  /** What the payload cookie said that `user` and `term` were read from. */
  let read: string | undefined
  let user: ClientUser | undefined
  let term: Term | undefined
  let ahead = 0
  let hadCsrf = false
  /** The CSRF token of the last answer, for a page that cannot read the cookie. */
  let told: string | undefined
  let isNobody = false
  const before = newsOf(news.last())
  if (before) hear(before)

  return {
    transport: 'cookie',
    user: () => look() && user,
    expiresAt: () => look() && term?.expiresAt,
    ahead: () => ahead,
    maybe,
    age,
    mark,
    moved,
    proof,
    headers,
    another,
    keep,
    know,
    hear,
    drop,
  }

  /** Reads the cookies, which change without anybody telling: in other tabs, by answers to other requests, by growing old. */
  function look(): Seen {
    const jar = cookiesOf(browser, home)
    const payload = pick(jar, `${names.access ?? 'access'}_payload`)
    const csrf = pick(jar, names.csrf ?? 'csrf_token')
    const claims = payload === undefined || payload === read ? undefined : claimsOf(payload)
    if (claims) {
      read = payload
      user = asUser({ ...claims, id: claims.sub })
      const { exp, iat } = claims
      if (typeof exp === 'number')
        term = termOf(exp, exp - (typeof iat === 'number' ? iat : now()), browser.Math.random)
    }
    // The access cookie goes with its token, the CSRF cookie with the session: somebody logged out where no news comes from.
    if (hadCsrf && !csrf && !payload) drop()
    hadCsrf = csrf !== undefined
    return { payload, csrf }
  }

  function now(): number {
    return secondsOf(browser) + ahead
  }

  function maybe(): boolean {
    const { payload, csrf } = look()
    return home.isBlind ? !isNobody : (payload ?? csrf ?? user) !== undefined
  }

  function age(): ReturnType<Keeper['age']> {
    look()
    return term ? ageOf(term, now()) : 'fresh'
  }

  function mark(): Mark {
    const { payload, csrf } = look()
    return { token: payload, csrf, told: news.last() }
  }

  function moved(then: Mark): boolean {
    const { token, csrf, told: last } = mark()
    // A cookie that grew too old is nobody's refresh.
    return last !== then.told || csrf !== then.csrf || (token !== undefined && token !== then.token)
  }

  async function proof(): ReturnType<Keeper['proof']> {
    return { body: {}, headers: await headers('POST') }
  }

  async function headers(method: string): Promise<Record<string, string>> {
    const token = isUnsafe(method) ? await csrfToken() : undefined
    return token === undefined ? {} : { 'x-csrf-token': token }
  }

  async function csrfToken(): Promise<string | undefined> {
    const token = look().csrf ?? told
    if (token !== undefined || !home.isBlind || isNobody) return token
    const answer = (await ask('/csrf').catch(() => undefined)) as CsrfAnswer | undefined
    if (answer?.csrf_token === null) isNobody = user === undefined
    told = answer?.csrf_token ?? undefined
    return told
  }

  async function another(refused: string | null): Promise<boolean> {
    told = undefined
    const token = await csrfToken()
    return token !== undefined && token !== refused
  }

  function keep({ expires_in, csrf_token, user: part }: Parameters<Keeper['keep']>[0]): void {
    const { payload } = look()
    isNobody = false
    told = csrf_token
    if (payload !== undefined && term) ahead = term.expiresAt - expires_in - secondsOf(browser)
    else {
      ahead = 0
      user = asUser(part)
      term = termOf(Math.round(now() + expires_in), expires_in, browser.Math.random)
    }
  }

  function know(part: ClientUser): void {
    user ??= asUser(part)
  }

  function hear({ type, ...facts }: Parameters<Keeper['hear']>[0]): void {
    // Somebody else may have signed in; what the cookies say goes for whatever was told.
    if (type !== 'refreshed') drop()
    read = undefined
    isNobody = type === 'signed-out'
    if (isNobody) return
    ahead = Number(facts.ahead) || 0
    if (look().payload === undefined && typeof facts.expiresAt === 'number')
      term = termOf(facts.expiresAt, facts.expiresAt - now(), browser.Math.random)
  }

  function drop(): void {
    user = term = told = undefined
    hadCsrf = false
    isNobody = true
  }
}

/** The cookies of the page by name without prefix. Over https, only those that no plain connection could have set. */
function cookiesOf({ document }: Browser, { isBlind, isSecure }: Home): ReadonlyMap<string, string> {
  const jar = new Map<string, string>()
  if (isBlind) return jar
  let text: string | undefined
  try {
    text = document?.cookie
  } catch {
    // A sandboxed frame has no cookies.
  }
  for (const prefix of isSecure ? ['__Secure-', '__Host-'] : [''])
    for (const pair of text?.split('; ') ?? []) {
      const [name = '', value = ''] = pair.split(/=(.*)/s)
      if (name.startsWith(prefix)) jar.set(name.slice(prefix.length), value)
    }
  return jar
}

const pick = (jar: ReadonlyMap<string, string>, name: string): string | undefined => jar.get(name) || undefined
