/** What an application sees of the client. */

/** What every user has. */
export interface Identified {
  /** The id of the user: `sub` in tokens. */
  readonly id: string
}

/** Whoever is signed in. */
export interface ClientUser extends Identified {
  readonly [member: string]: unknown
}

/** How the client reaches the API. */
export interface ClientOptions {
  /**
   * `cookie` (default): the browser keeps the tokens where no script reads them, all tabs are one session, and a reload changes nothing.
   * `bearer`: this page keeps them in memory, so that a reload is a login.
   */
  readonly transport?: 'cookie' | 'bearer'
  /** What sends requests. Default the browser's `fetch`. */
  readonly fetch?: (request: Request) => Promise<Response>
  /** Other origins that the tokens are for, such as `https://files.example.com`. Whoever is not named here, and is not the API itself, gets neither a token nor a CSRF token. */
  readonly origins?: readonly string[]
  /** The names that the server gave its cookies (`splitCookies({ names })`), without prefix. */
  readonly names?: { readonly access?: string; readonly csrf?: string }
}

/** User name and password. */
export interface LoginInput {
  readonly username: string
  readonly password: string
  /** `false`: the session is a brief one, and the browser forgets it when it is closed. Default true. */
  readonly remember?: boolean
}

/** One API, as the pages of one browser use it. */
export interface Client<U extends Identified = ClientUser> {
  /**
   * Who is signed in, as far as this page knows; `undefined` for nobody. With split cookies the claims of the access token, with `sub` as
   * `id`, read from the cookie without a request. Otherwise the `user` that a login, a refresh or `GET /auth/me` answered. The same object
   * until something changes. A hint for the page: only the server knows.
   */
  readonly user: U | undefined
  /**
   * When the access token expires, in seconds since the epoch by the server's clock (without split cookies and in other tabs than the one that refreshed: by this
   * machine's). It may lie in the past: the next request refreshes.
   */
  readonly expiresAt: number | undefined
  /** Signs in, here and in all tabs. Rejects with `Refused`: `login_failed`, `login_throttled`, `csrf_failed`, `request_invalid`. */
  login(input: LoginInput): Promise<U>
  /**
   * Ends the session and signs out all tabs. Where the server cannot be reached it rejects: tokens in memory are gone then, cookies are not, and
   * the user is still signed in.
   */
  logout(): Promise<void>
  /**
   * As the browser's `fetch`, and for requests to the API: with the access token, or with the CSRF token where a cookie carries it. A token
   * that has expired, or that is stale, is refreshed once for all tabs, and the request is sent once more. A body that is a stream cannot
   * be sent twice; such a request is preceded by a refresh if one is due, and its 401 is handed back. While the server cannot refresh
   * (offline, 429, 503) the answer of the request itself is handed back, and nobody is signed out.
   */
  fetch(input: string | URL | Request, init?: RequestInit): Promise<Response>
  /** Refreshes now, for example because permissions changed; `undefined` if the session is over. Rejects where the server could not be asked. */
  refresh(): Promise<U | undefined>
  /**
   * What a request that changes nothing carries beside cookies, for what is no `fetch`: `authorization` where this page keeps the tokens, otherwise
   * nothing. Refreshes first if that is due; rejects where the server could not be asked.
   */
  headers(): Promise<Readonly<Record<string, string>>>
  /**
   * Who is signed in, asking the server only where no readable cookie says it: after a reload with one cookie, with an API on another origin, or when the access token
   * has expired meanwhile.
   */
  ready(): Promise<U | undefined>
  /** Calls a function whenever somebody signs in, is refreshed or signs out, in whatever tab. Returns what ends that. */
  onChange(listener: (user: U | undefined) => void): () => void
}
