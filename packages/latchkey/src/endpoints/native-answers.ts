/** How the native endpoints answer: the bodies of `wire.ts`, made of what the operations gave. */
import type { Session } from '../stores/port.js'
import type { Answer, RevocationPage, SignedIn, SignedOut } from './surface.js'
import type {
  CookieAnswer,
  CsrfAnswer,
  RevocationsAnswer,
  SessionAnswer,
  SessionsAnswer,
  TokenAnswer,
  VerifyAnswer,
} from './wire.js'

const PUBLIC = { 'cache-control': 'public, max-age=300', vary: 'Accept-Encoding' }

export const ok = (body: object): Answer => ({ status: 200, body })
export const open = (body: object): Answer => ({ status: 200, body, headers: PUBLIC })
export const nothing = (): Answer => ({ status: 204, body: undefined })
// Proxies that collect an answer before they pass it on would keep the news.
export const streamed = (body: ReadableStream): Answer => ({
  status: 200,
  body,
  headers: { 'content-type': 'text/event-stream', 'x-accel-buffering': 'no' },
})
export const verified = ({ claims }: { claims: VerifyAnswer['claims'] }): Answer =>
  ok({ active: true, claims } satisfies VerifyAnswer)

/** Fresh tokens: in the body, or where they travel in cookies what a page has to know of them. */
export const signedIn =
  (status: number) =>
  ({ tokens, delivery, csrf, part }: SignedIn): Answer => {
    const { access, refresh } = delivery.body
    const lives = { expires_in: tokens.accessExpiresAt - tokens.issuedAt }
    const about = {
      refresh_expires_in: tokens.refreshExpiresAt - tokens.issuedAt,
      ...(tokens.scope !== undefined && { scope: tokens.scope }),
      user: part,
    }
    const body =
      access === undefined
        ? ({ ...lives, ...(csrf !== undefined && { csrf_token: csrf }), ...about } satisfies CookieAnswer)
        : ({
            access_token: access,
            token_type: 'Bearer',
            ...lives,
            ...(refresh !== undefined && { refresh_token: refresh }),
            ...about,
          } satisfies TokenAnswer)
    return { status, body, cookies: delivery.cookies }
  }

/** A browser that is signed out forgets its cookies. */
export const signedOut = ({ cookies }: SignedOut): Answer => ({ status: 204, body: undefined, cookies })

export const csrf = ({ token }: { readonly token: string | undefined }): Answer =>
  ok({ csrf_token: token ?? null } satisfies CsrfAnswer)

export const paged = (page: RevocationPage): Answer => ok(page satisfies RevocationsAnswer)

export function listed({
  sessions,
  current,
}: {
  readonly sessions: readonly Session[]
  readonly current: string | undefined
}): Answer {
  return ok({ sessions: sessions.map(view) } satisfies SessionsAnswer)

  function view(session: Session): SessionAnswer {
    return {
      id: session.id,
      created_at: session.createdAt,
      // Who reads this must not learn when a browser refreshes: the grace period could be timed by it.
      last_seen_at: session.lastSeenAt - (session.lastSeenAt % 300),
      expires_at: session.expiresAt,
      device: session.device,
      address: session.address,
      current: session.id === current,
    }
  }
}
