/** Where the tokens of this page are kept, and what is known of them: in cookies, or in memory. */
import type { CookieAnswer, TokenAnswer } from '../endpoints/wire.js'
import type { News } from './news.js'
import type { ClientUser } from './types.js'

/** The tokens at one instant, to be compared with later ones. */
export interface Mark {
  readonly token: string | undefined
  readonly csrf: string | undefined
  /** Changes with what is told of the session; growing old is no news. */
  readonly told: string
}

/** What proves to an endpoint whose tokens are meant. */
export interface Proof {
  readonly body: Readonly<Record<string, string>>
  readonly headers: Readonly<Record<string, string>>
}

export interface Keeper {
  /** How they travel, as a login asks for it. */
  readonly transport: 'cookie' | 'bearer'
  user(): ClientUser | undefined
  /** Of the access token, in seconds by the server's clock. */
  expiresAt(): number | undefined
  /** Seconds that the server's clock is ahead. */
  ahead(): number
  /** `false` where nobody can be signed in, so that nothing has to be asked. */
  maybe(): boolean
  /** Whether the access token should be refreshed now: `late` if it has expired, `due` if its moment has come. */
  age(): 'fresh' | 'due' | 'late'
  mark(): Mark
  /** Whether the tokens are others than at a mark, whoever got them. */
  moved(mark: Mark): boolean
  proof(): Promise<Proof>
  /** The headers that a request of this method needs. */
  headers(method: string): Promise<Readonly<Record<string, string>>>
  /** Forgets a CSRF token that was refused, and tells whether there is another one to try. */
  another(refused: string | null): Promise<boolean>
  /** Takes the answer of a login or a refresh. */
  keep(answer: TokenAnswer & CookieAnswer): void
  /** Takes the user, where an answer without tokens told it. */
  know(user: ClientUser): void
  hear(news: News): void
  drop(): void
}

/** A user as listeners may keep it. */
export const asUser = (user: object): ClientUser => Object.freeze({ ...user }) as ClientUser

export const isUnsafe = (method: string): boolean => !/^(GET|HEAD|OPTIONS)$/.test(method)
