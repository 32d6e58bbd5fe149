/** The native surface: OAuth names for tokens, problem details for refusals. */
import { csrf, listed, nothing, ok, open, paged, signedIn, signedOut, streamed, verified } from './native-answers.js'
import { problemDetails } from './respond.js'
import type { Field, Route, Surface } from './surface.js'

export interface NativeOptions {
  /** Where the endpoints stand, `/auth`. */
  readonly base: string
  /** Where the metadata of RFC 8414 stands: its path depends on the issuer's. */
  readonly metadataPath: string
  readonly register: boolean
  /** How tokens travel, in the order of the option. */
  readonly transports: readonly ('bearer' | 'cookie')[]
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

const text = (from: string): Field => ({ from })
/** Nothing that could be good is longer: a token in a body has the limit of one in a header. */
const token = (from: string): Field => ({ from, max: 8_192 })
const number = (from: string): Field => ({ from, in: 'query', is: 'integer', optional: true })

export function nativeSurface({ base, metadataPath, register, transports, development }: NativeOptions): Surface {
  const byCookie = transports.includes('cookie')
  const byBody = transports.includes('bearer')
  const transport: Field = { from: 'transport', optional: true }
  const credentials = { username: text('username'), password: text('password'), transport }
  // In a cookie it is no business of the body; who sends none in either is told that there is none.
  const refreshToken: Field = { ...token('refresh_token'), ...(byCookie && { optional: true }) }
  const given = byBody ? { token: refreshToken } : {}
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
      fields: given,
      answer: signedIn(200),
      summary: 'Trade a refresh token for the next pair',
    },
    {
      method: 'POST',
      path: `${base}/logout`,
      operation: 'logout',
      fields: byBody ? { token: { ...refreshToken, optional: true } } : {},
      answer: signedOut,
      summary: 'End this session',
    },
    {
      method: 'POST',
      path: `${base}/logout/everywhere`,
      operation: 'logoutEverywhere',
      fields: {},
      answer: signedOut,
      summary: 'End every session of the user',
    },
    byCookie && {
      method: 'GET',
      path: `${base}/csrf`,
      operation: 'csrf',
      fields: {},
      answer: csrf,
      summary: 'The CSRF token, for pages of another origin',
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
      answer: paged,
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
    reject: problemDetails(PRIVATE, development),
  }
}
