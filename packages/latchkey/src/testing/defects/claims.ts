/** Cases 53, 59 and 76-106: genuinely signed tokens that say the wrong thing. */
import type { ErrorCode, Reason } from '../../errors.js'
import { bad, type Defect, type DefectContext, type Forger, good } from './forge.js'

export function claimDefects(context: DefectContext, forge: Forger): readonly Defect[] {
  const { claims } = context
  const all = [...dates(context, forge), ...parties(context, forge), ...identifiers(forge), ...types(context, forge)]
  // What a good token lacks, a defective one cannot miss; and whoever is not called `sub` is not checked there.
  const absent = ['iss', 'aud', 'sub', 'jti', 'sid'].filter((name) => claims[name] === undefined)
  return all.filter(
    ({ name }) => !absent.some((one) => name === `${one} missing` || (one === 'sub' && name.startsWith('sub '))),
  )
}

type Entry = (number: number, name: string, value: unknown, code?: ErrorCode) => Defect

/** Entries that change one claim; `undefined` takes it away. */
const changing =
  (forge: Forger, claim: string, reason: Reason): Entry =>
  (number, name, value, code) =>
    bad(number, `${claim} ${name}`, forge.claims({ [claim]: value }), reason, code)

function dates({ now, maxLifetime = 3_600 }: DefectContext, forge: Forger): Defect[] {
  const exp = changing(forge, 'exp', 'exp')
  const nbf = changing(forge, 'nbf', 'nbf')
  const iat = changing(forge, 'iat', 'iat')
  const life = changing(forge, 'exp', 'lifetime')
  return [
    exp(76, 'missing', undefined),
    exp(76, 'null', null),
    exp(76, 'true', true),
    exp(76, '{}', {}),
    exp(76, 'in an array', [now + 60]),
    exp(76, 'never', 'never'),
    exp(76, 'as text', String(now + 60)),
    exp(77, '0', 0, 'token_expired'),
    exp(77, '-1', -1, 'token_expired'),
    exp(77, 'a minute ago', now - 61, 'token_expired'),
    exp(77, 'now', now, 'token_expired'),
    life(78, 'in milliseconds', (now + 60) * 1_000),
    life(78, '1e300', 1e300),
    life(78, 'beyond the longest life', now + maxLifetime + 61),
    nbf(79, 'in the future', now + 121, 'token_early'),
    nbf(79, 'x', 'x'),
    nbf(79, 'null', null),
    iat(80, 'in the future', now + 121, 'token_early'),
    iat(80, 'x', 'x'),
    iat(80, 'null', null),
    good(81, 'nbf ahead within the leeway', forge.claims({ nbf: now + 3 })),
    good(81, 'exp with a fraction of a second', forge.claims({ exp: now + 60.5 })),
  ]
}

function parties({ claims }: DefectContext, forge: Forger): Defect[] {
  const iss = changing(forge, 'iss', 'iss')
  const aud = changing(forge, 'aud', 'aud')
  const own = String(claims.iss)
  const api = String(Array.isArray(claims.aud) ? claims.aud[0] : claims.aud)
  return [
    iss(82, 'missing', undefined),
    iss(82, 'in an array', [own]),
    iss(82, 'cut off', own.slice(0, -1)),
    iss(82, 'continued', `${own}.evil.example`),
    iss(82, 'with a slash more', `${own}/`),
    iss(82, 'in capitals', own.toUpperCase()),
    iss(82, 'as an object', { [own]: 1 }),
    iss(53, 'with half a surrogate pair', `${own}\ud800`),
    aud(84, 'missing', undefined, 'token_audience'),
    aud(84, 'another', 'https://other.example', 'token_audience'),
    aud(84, 'continued', `${api}2`, 'token_audience'),
    aud(84, '[]', [], 'token_audience'),
    aud(99, 'of two other services', ['https://x.example', 'https://y.example'], 'token_audience'),
    aud(84, 'in an array in an array', [[api]]),
    aud(84, 'as an object', { [api]: 1 }),
    aud(84, 'null', null),
    aud(84, 'beside a number', [1, api]),
    good(84, 'aud of two, one of them ours', forge.claims({ aud: ['https://other.example', api] })),
  ]
}

function identifiers(forge: Forger): Defect[] {
  const sub = changing(forge, 'sub', 'sub')
  const jti = changing(forge, 'jti', 'jti')
  const sid = changing(forge, 'sid', 'sid')
  return [
    sub(85, 'missing', undefined),
    sub(85, 'a number', 7),
    sub(85, 'null', null),
    sub(85, 'a query', { $ne: null }),
    sub(85, 'an array', ['root']),
    sub(85, 'empty', ''),
    sub(85, 'with a NUL', 'root\u0000'),
    sub(85, 'with a newline', 'root\nadmin'),
    sub(85, 'of 3,000 characters', 's'.repeat(3_000)),
    sub(53, 'with half a surrogate pair', 'root\ud800'),
    sub(59, '-0', -0),
    jti(86, 'missing', undefined),
    jti(86, 'a number', 7),
    jti(53, 'with half a surrogate pair', '\udc00'),
    sid(86, 'a number', 7),
    sid(86, 'an object', {}),
  ]
}

/** Claims by which systems without a `typ` of their own tell kinds of tokens apart. */
const KINDS = ['token_type', 'token_use', 'typ', 'type', 'use']

function types({ claims, typ = 'at+jwt' }: DefectContext, forge: Forger): Defect[] {
  const kinds = KINDS.filter((name) => typeof claims[name] === 'string')
  return [
    ...(typ === 'JWT' ? [] : typed(claims, typ, forge)),
    ...kinds.map((name) => bad(94, `${name} refresh`, forge.claims({ [name]: 'refresh' }), 'typ')),
    bad(104, 'bound to a key of the sender', forge.claims({ cnf: { jkt: 'x' } }), 'typ'),
  ]
}

/** Where every kind of token is a `JWT`, its header says nothing. */
function typed(claims: DefectContext['claims'], typ: string, forge: Forger): Defect[] {
  const withTyp = (value: unknown) => forge.token(forge.header({ typ: value }), claims)
  const others: readonly (readonly [number, unknown])[] = [
    [94, 'rt+jwt'],
    [95, 'JWT'],
    [95, 'logout+jwt'],
    [95, 'dpop+jwt'],
    [95, 'secevent+jwt'],
    [96, 'state+jwt'],
    [96, 'reset+jwt'],
    [97, undefined],
    [97, 5],
    [97, ''],
    [97, `x/${typ}`],
    [106, 'pending+jwt'],
  ]
  return [
    ...others.map(([number, value]) => bad(number, `typ ${JSON.stringify(value)}`, withTyp(value), 'typ')),
    good(97, 'typ in capitals', withTyp(typ.toUpperCase())),
    good(97, 'typ as a full media type', withTyp(`application/${typ}`)),
  ]
}
