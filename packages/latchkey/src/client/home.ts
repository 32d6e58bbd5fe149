/** Where the API is: which requests are its own, and which of its cookies this page can read. */
import type { Browser } from './browser.js'

export interface Home {
  /** The endpoints, absolute, without a slash at the end. */
  readonly base: string
  /** The API is on another origin than the page: cookies travel only if asked to, and cannot be read. */
  readonly isAbroad: boolean
  /** Nor can a worker read them, which has no document. */
  readonly isBlind: boolean
  readonly isSecure: boolean
  /** A request as `fetch` would make it. Relative addresses are the API's where the API is abroad. */
  request(input: string | URL | Request, init?: RequestInit): Request
  /** Whether a request goes to another origin than the page's. */
  goesAbroad(request: Request): boolean
  /** Whether a request goes to the API, or to an origin that was named as its own. */
  owns(request: Request): boolean
}

export function createHome(browser: Browser, path: string | URL, origins: readonly string[] = []): Home {
  // Without a page, on a server, nothing is asked: a name that never resolves stands where the page's would.
  const page = new URL(browser.document?.baseURI ?? browser.location?.href ?? 'https://page.invalid')
  const url = new URL(path, page)
  const isAbroad = url.origin !== page.origin
  const own = new Set([url.origin, ...origins.map((origin) => new URL(origin).origin)])
  return {
    base: url.origin + url.pathname.replace(/\/+$/, ''),
    isAbroad,
    isBlind: isAbroad || (browser.location !== undefined && !browser.document),
    isSecure: page.protocol === 'https:',
    goesAbroad: ({ url: to }) => new URL(to).origin !== page.origin,
    owns: ({ url: to }) => own.has(new URL(to).origin),
    request: (input, init) =>
      new Request(input instanceof Request ? input : new URL(input, isAbroad ? url : page), init),
  }
}
