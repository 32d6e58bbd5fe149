/** The protected header of a JWS: what may be in it, and a cache of the few header texts that genuine tokens carry. */
import { AuthError, type Reason } from '../errors.js'
import { decodeBase64url } from '../util/bytes.js'
import { createCache } from '../util/cache.js'
import { decodeUtf8, isJsonError, type JsonLimits, parseJson } from '../util/json.js'
import { type Algorithm, algorithm } from './algorithms.js'

/** The header of a token: what we write and accept of it (RFC 7515 section 4.1). */
export interface JwsHeader {
  readonly alg: Algorithm
  readonly kid?: string
  readonly typ?: string
}

const maxBytes = 2_048
const maxMembers = 16
const limits: JsonLimits = { depth: 8, members: maxMembers }

// An extension that must be understood, and the marks of encryption and of unencoded payloads: a JWT here has none of them.
const unsupported = ['crit', 'b64', 'zip', 'enc', 'p2c', 'p2s', 'epk', 'apu', 'apv']

/** A key identifier that cannot be a path, a query or a markup trick by its characters alone: 1 to 128 of them. */
export const isKid = (value: unknown): value is string =>
  typeof value === 'string' && /^[A-Za-z0-9._:~+/=@-]{1,128}$/.test(value)

/**
 * Headers by exact text. Only the text of a token whose signature was good enters (`rememberHeader`), so strangers cannot fill it.
 * The last one is tried first: most processes see one header all day, and comparing is cheaper than hashing.
 */
const known = createCache<string, JwsHeader>(4_096)
const remembered = new WeakSet<JwsHeader>()
let lastText = ''
let lastHeader: JwsHeader | undefined

/** The header whose base64url text is the first `end` characters of a token. */
export function readHeader(token: string, end: number): JwsHeader {
  if (lastHeader !== undefined && lastText.length === end && token.startsWith(lastText)) return lastHeader
  const text = token.slice(0, end)
  return known.get(text) ?? parseHeader(text)
}

/** Keeps the header of a token that was proved genuine. */
export function rememberHeader(token: string, end: number, header: JwsHeader): void {
  if (header === lastHeader || remembered.has(header)) return
  remembered.add(header)
  // A copy: a slice would keep the whole token alive.
  const text = Buffer.from(token.slice(0, end), 'latin1').toString('latin1')
  known.set(text, header)
  lastText = text
  lastHeader = header
}

function parseHeader(text: string): JwsHeader {
  // Four characters are three bytes; longer text is refused before it is decoded.
  if (text.length > Math.ceil((maxBytes * 4) / 3)) throw refused('too_large')
  const bytes = decodeBase64url(text)
  if (bytes === undefined) throw refused('b64')
  const members = readObject(bytes)
  for (const name of unsupported) if (Object.hasOwn(members, name)) throw refused('unsupported_header')
  const [alg, kid, typ, cty] = [own(members, 'alg'), own(members, 'kid'), own(members, 'typ'), own(members, 'cty')]
  if (typeof cty === 'string' && /^(application\/)?jwt$/i.test(cty)) throw refused('unsupported_header')
  const row = algorithm(alg)
  if (row === undefined) throw refused('alg')
  if (kid !== undefined && !isKid(kid)) throw refused('kid')
  if (typ !== undefined && typeof typ !== 'string') throw refused('typ')
  // Everything else (`jwk`, `jku`, `x5c`, copies of claims) is left behind here: nothing below can look at it.
  const header: { alg: Algorithm; kid?: string; typ?: string } = { alg: row.name }
  if (kid !== undefined) header.kid = kid
  if (typ !== undefined) header.typ = typ
  return Object.freeze(header)
}

/** Own members only, whatever somebody added to `Object.prototype`. */
const own = (members: Readonly<Record<string, unknown>>, name: string): unknown =>
  Object.hasOwn(members, name) ? members[name] : undefined

function readObject(bytes: Uint8Array): Readonly<Record<string, unknown>> {
  const text = decodeUtf8(bytes)
  if (text === undefined) throw refused('header_json')
  const value = parsed(text)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw refused('header_json')
  return value as Readonly<Record<string, unknown>>
}

function parsed(text: string): unknown {
  try {
    return parseJson(text, limits)
  } catch (error) {
    if (!isJsonError(error)) throw error
    throw refused(error.reason === 'json' ? 'header_json' : error.reason)
  }
}

const refused = (reason: Reason): AuthError => new AuthError('token_invalid', { reason })
