/** The native surface: OAuth names for tokens, problem details for refusals. */
import type { Session } from '../stores/port.js'
import { renderProblem } from './respond.js'
import type { Answer, Field, RevocationPage, Route, SignedIn, Surface } from './surface.js'
import type { RevocationsAnswer, SessionAnswer, SessionsAnswer, TokenAnswer, VerifyAnswer } from './wire.js'

export interface NativeOptions {
  /** Where the endpoints stand, `/auth`. */
  readonly base: string
  /** Where the metadata of RFC 8414 stands: its path depends on the issuer's. */
  readonly metadataPath: string
  readonly register: boolean
  /** Whether refusals tell the operator's hint to the caller. */
  readonly development: boolean
}

/** Answers that no cache may keep, and that no browser may read as anything but what they are. */
const PRIVATE = {
  'cache-control': 'no-store',
  vary: 'Authorization, Cookie, Origin',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
}
const PUBLIC = { 'cache-control': 'public, max-age=300', vary: 'Accept-Encoding' }

const text = (from: string): Field => ({ from })
/** Nothing that could be good is longer: a token in a body has the limit of one in a header. */
const token = (from: string): Field => ({ from, max: 8_192 })
const number = (from: string): Field => ({ from, in: 'query', is: 'integer', optional: true })

export function nativeSurface({ base, metadataPath, register, development }: NativeOptions): Surface {
  const credentials = { username: text('username'), password: text('password') }
  const all: readonly (Route | false)[] = [
    {
      method: 'POST',
      path: `${base}/login`,
      operation: 'login',
      fields: { ...credentials, remember: { from: 'remember', is: 'boolean', optional: true } },
      answer: signedIn(200),
      summary: 'Log in with user name and password',
    },
    register && {
      method: 'POST',
      path: `${base}/register`,
      operation: 'register',
      fields: { ...credentials, email: { from: 'email', optional: true } },
      answer: signedIn(201),
      summary: 'Create an account and log in',
    },
    {
      method: 'POST',
      path: `${base}/refresh`,
      operation: 'refresh',
      fields: { token: token('refresh_token') },
      answer: signedIn(200),
      summary: 'Trade a refresh token for the next pair',
    },
    {
      method: 'POST',
      path: `${base}/logout`,
      operation: 'logout',
      fields: { token: { ...token('refresh_token'), optional: true } },
      answer: nothing,
      summary: 'End this session',
    },
    {
      method: 'POST',
      path: `${base}/logout/everywhere`,
      operation: 'logoutEverywhere',
      fields: {},
      answer: nothing,
      summary: 'End every session of the user',
    },
    {
      method: 'POST',
      path: `${base}/verify`,
      operation: 'verify',
      fields: { token: token('token') },
      answer: verified,
      summary: 'Tell whether an access token is good',
    },
    {
      method: 'GET',
      path: `${base}/me`,
      operation: 'me',
      fields: {},
      answer: ok,
      summary: 'The user of the access token',
    },
    {
      method: 'POST',
      path: `${base}/password`,
      operation: 'password',
      fields: { current: text('current_password'), next: text('new_password') },
      answer: signedIn(200),
      summary: 'Change the password and end the other sessions',
    },
    {
      method: 'GET',
      path: `${base}/sessions`,
      operation: 'sessions',
      fields: {},
      answer: listed,
      summary: 'The living sessions of the user',
    },
    {
      method: 'DELETE',
      path: `${base}/sessions/:id`,
      operation: 'endSession',
      fields: { id: text('id') },
      answer: nothing,
      summary: 'End one session of the user',
    },
    {
      method: 'DELETE',
      path: `${base}/sessions`,
      operation: 'endOtherSessions',
      fields: {},
      answer: nothing,
      summary: 'End the other sessions of the user',
    },
    {
      method: 'GET',
      path: `${base}/users/:user/sessions`,
      operation: 'sessionsOf',
      fields: { user: text('user') },
      answer: listed,
      summary: 'The living sessions of anybody',
    },
    {
      method: 'DELETE',
      path: `${base}/users/:user/sessions`,
      operation: 'endSessionsOf',
      fields: { user: text('user') },
      answer: nothing,
      summary: 'End every session of anybody',
    },
    {
      method: 'DELETE',
      path: `${base}/users/:user/sessions/:id`,
      operation: 'endSessionOf',
      fields: { user: text('user'), id: text('id') },
      answer: nothing,
      summary: 'End one session of anybody',
    },
    {
      method: 'GET',
      path: `${base}/revocations`,
      operation: 'revocations',
      fields: { after: number('after'), limit: number('limit') },
      answer: (page: RevocationPage) => ok(page satisfies RevocationsAnswer),
      summary: 'What was revoked, for services that take our tokens',
    },
    {
      method: 'GET',
      path: `${base}/revocations/stream`,
      operation: 'revocationNews',
      fields: { after: number('after') },
      answer: streamed,
      summary: 'Says when something is revoked, as server-sent events',
    },
    {
      method: 'GET',
      path: `${base}/openapi.json`,
      operation: 'openapi',
      fields: {},
      answer: open,
      summary: 'This description',
    },
    {
      method: 'GET',
      path: '/.well-known/jwks.json',
      operation: 'jwks',
      fields: {},
      answer: open,
      summary: 'The public signing keys (RFC 7517)',
    },
    {
      method: 'GET',
      path: metadataPath,
      operation: 'metadata',
      fields: {},
      answer: open,
      summary: 'The metadata of the issuer (RFC 8414)',
    },
  ]
  return {
    routes: all.filter((route): route is Route => route !== false),
    reading: { accepts: ['json'], unknown: 'refuse', numbers: 'refuse' },
    headers: () => PRIVATE,
    reject: (error, site) => renderProblem(error, site, { ...PRIVATE }, development),
  }
}

const ok = (body: object): Answer => ({ status: 200, body })
const open = (body: object): Answer => ({ status: 200, body, headers: PUBLIC })
const nothing = (): Answer => ({ status: 204, body: undefined })
// Proxies that collect an answer before they pass it on would keep the news.
const streamed = (body: ReadableStream): Answer => ({
  status: 200,
  body,
  headers: { 'content-type': 'text/event-stream', 'x-accel-buffering': 'no' },
})
const verified = ({ claims }: { claims: VerifyAnswer['claims'] }): Answer =>
  ok({ active: true, claims } satisfies VerifyAnswer)

const signedIn =
  (status: number) =>
  ({ tokens, part }: SignedIn): Answer => ({
    status,
    body: {
      access_token: tokens.access,
      token_type: 'Bearer',
      expires_in: tokens.accessExpiresAt - tokens.issuedAt,
      ...(tokens.refresh !== undefined && { refresh_token: tokens.refresh }),
      refresh_expires_in: tokens.refreshExpiresAt - tokens.issuedAt,
      ...(tokens.scope !== undefined && { scope: tokens.scope }),
      user: part,
    } satisfies TokenAnswer,
  })

function listed({
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
