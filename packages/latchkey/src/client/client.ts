/** The client of one API in one tab, put together from its parts. */
import { createAlone } from './alone.js'
import { createAsk } from './ask.js'
import { bearerKeeper } from './bearer.js'
import type { Browser } from './browser.js'
import { cookieKeeper } from './cookies.js'
import { createFetch } from './fetch.js'
import { createHome } from './home.js'
import { createNews, type News } from './news.js'
import { isRefused, refusalOf } from './refused.js'
import { createRenewing, type SignInAnswer } from './renew.js'
import type { Client, ClientOptions, ClientUser, Identified, LoginInput } from './types.js'

export function createClientIn<U extends Identified = ClientUser>(
  browser: Browser,
  path: string | URL,
  { transport = 'cookie', origins, names = {}, fetch }: ClientOptions = {},
): Client<U> {
  const isShared = transport === 'cookie'
  const home = createHome(browser, path, origins)
  const name = `latchkey:${transport}:${home.base}`
  const news = createNews(browser, name, hear)
  const send = fetch ?? ((request: Request) => browser.fetch(request))
  const ask = createAsk(browser, home, send, home.isAbroad && isShared ? 'include' : 'same-origin')
  const keeper = isShared ? cookieKeeper({ browser, home, names, news, ask }) : bearerKeeper(browser)
  // Tokens in memory are nobody else's business: there is nothing to be alone with.
  const alone = isShared ? createAlone(browser, name) : <T>(work: () => Promise<T>) => work()
  const renewing = createRenewing({ browser, keeper, alone, ask, happened })
  const fetchApi = createFetch({ browser, home, keeper, renewing, send })
  const listeners = new Set<() => void>()
  let shown = keeper.user()
  let asking: Promise<U | undefined> | undefined

  // A page that comes back from the cache of the browser, or to the front, may have missed something.
  for (const type of ['pageshow', 'focus']) browser.addEventListener?.(type, () => keeper.user() !== shown && changed())

  return {
    get user() {
      return user()
    },
    get expiresAt() {
      return keeper.expiresAt()
    },
    login,
    logout,
    fetch: fetchApi,
    refresh,
    async headers() {
      if (keeper.age() !== 'fresh') await refresh()
      return keeper.headers('GET')
    },
    ready,
    onChange(listener) {
      const one = (): void => listener(user())
      listeners.add(one)
      return () => void listeners.delete(one)
    },
  }

  function user(): U | undefined {
    return keeper.user() as U | undefined
  }

  async function login({ username, password, remember }: LoginInput): Promise<U> {
    const body = { username, password, transport, remember }
    return alone(async () => {
      keeper.keep((await ask('/login', { body, seconds: 25 })) as SignInAnswer)
      happened('signed-in')
      return user() as U
    })
  }

  async function logout(): Promise<void> {
    if (isShared) return alone(() => leave().then(() => happened('signed-out')))
    const left = leave()
    happened('signed-out', true)
    return left
  }

  /** Ends the session at the server; that it is over already is as good. */
  async function leave(): Promise<void> {
    try {
      if (keeper.maybe()) await renewing.askTwice('/logout')
    } catch (error) {
      if (!isRefused(error) || error.status !== 401) throw error
    }
  }

  async function refresh(): Promise<U | undefined> {
    try {
      if (keeper.maybe()) await renewing.renew(keeper.mark())
    } catch (error) {
      if (keeper.maybe()) throw error
    }
    return user()
  }

  async function ready(): Promise<U | undefined> {
    if (user() === undefined && keeper.maybe()) {
      asking ??= find().finally(() => {
        asking = undefined
      })
      return asking
    }
    return user()
  }

  /** Asks who is signed in; a refresh on the way may tell it already. */
  async function find(): Promise<U | undefined> {
    const { told } = keeper.mark()
    const response = await fetchApi(`${home.base}/me`)
    if (!response.ok && (response.status !== 401 || keeper.maybe())) throw await refusalOf(response)
    if (user() === undefined && response.ok) {
      const found = (await response.json()) as ClientUser
      // Meanwhile somebody signed in or out.
      if (keeper.mark().told !== told) return keeper.maybe() ? find() : undefined
      keeper.know(found)
      changed()
    }
    return user()
  }

  /** Something that this tab did: the others hear of it. */
  function happened(type: News['type'], isTold = isShared): void {
    if (type === 'signed-out') keeper.drop()
    if (isTold) news.tell({ type, expiresAt: keeper.expiresAt(), ahead: keeper.ahead() })
    changed()
  }

  /** Something that another tab did. */
  function hear(one: News): void {
    if (isShared) {
      keeper.hear(one)
      if (listeners.size > 0) ready().catch(() => {})
    } else if (one.type === 'signed-out' && keeper.maybe()) {
      // Its session is another one, and ends with it.
      leave().catch(() => {})
      keeper.drop()
    }
    changed()
  }

  function changed(): void {
    shown = keeper.user()
    for (const listener of [...listeners]) {
      try {
        listener()
      } catch (error) {
        browser.reportError?.(error)
      }
    }
  }
}
