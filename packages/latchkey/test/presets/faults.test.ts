/**
 * The faults of the originals by their number, and where each has the test that fails on what the original does. Unsafe ones are mended in
 * presets too; those of form (13, 22 without its crashes, 32, the 403 and the schema text of 37, 43) stay there, because clients rely on them,
 * and are mended in native answers.
 */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

/** A file, and a piece of what stands in it: the name of a test, or the entry of a list of recordings that are answered otherwise. */
type Place = readonly [file: string, text: string]

interface Fault {
  readonly what: string
  /** Kept by the preset: the place tests that native answers have it not, or that the recording is kept. */
  readonly form?: true
  readonly at: readonly [Place, ...Place[]]
}

const DASHBOARD = '../../../../examples/dashboard/test/dashboard.test.ts'
const DRF = 'drf-jwt-golden.test.ts'
const SIMPLE = 'simplejwt-golden.test.ts'
const DJWTO = 'djwto-golden.test.ts'
const JWTAUTH = 'jwtauth-golden.test.ts'
const PYJWT = 'external-pyjwt-golden.test.ts'
const MORE = 'simplejwt-more.test.ts'
const HERE = 'faults-more.test.ts'

const FAULTS: Readonly<Record<number, Fault>> = {
  1: { what: 'an access token buys a login', at: [[DASHBOARD, 'ESCALATION: access token + WRONG PASSWORD']] },
  2: { what: 'a stale token keeps the right password out', at: [[DASHBOARD, 'LOCKOUT: right password']] },
  3: { what: 'every exception is anonymous', at: [[DASHBOARD, 'REST user expired (error detail swallowed)']] },
  4: { what: 'another spelling undoes a logout', at: [['drf-jwt.test.ts', 'of another spelling is dead too']] },
  5: { what: 'anybody lists and revives blacklisted tokens', at: [[HERE, 'fault 5:']] },
  6: { what: 'a refreshed child survives', at: [[DRF, 'REFRESHED child of logged-out token still works']] },
  7: { what: 'a flush revives a sliding token', at: [[MORE, 'also after expired rows were deleted']] },
  8: { what: 'a rotation race has several winners', at: [['simplejwt.test.ts', 'and all with one successor']] },
  9: { what: 'no reuse detection', at: [[SIMPLE, 'new refresh after reuse detected']] },
  10: {
    what: 'inactive and deleted users refresh',
    at: [
      [SIMPLE, 'refresh inactive user'],
      [SIMPLE, 'refresh deleted user'],
    ],
  },
  11: { what: 'a blacklist that is none answers 200', at: [[MORE, 'takes its session along']] },
  12: {
    what: 'the access token outlives the logout',
    at: [
      [SIMPLE, 'access after blacklist'],
      [DJWTO, 'access after logout'],
    ],
  },
  13: {
    what: 'verify says little',
    form: true,
    at: [
      [MORE, 'with BLACKLIST_AFTER_ROTATION %s verify says'],
      [HERE, 'fault 13:'],
    ],
  },
  14: { what: 'stateless users are never revoked', at: [[MORE, 'an end of their sessions still counts']] },
  15: {
    what: 'junk fetches keys and evicts good ones',
    at: [
      ['../keys/remote/remote.test.ts', 'case 113: ten thousand unknown names'],
      ['simplejwt-published.test.ts', 'fault 15:'],
    ],
  },
  16: { what: '`crit` is not looked at', at: [[SIMPLE, 'protected crit header']] },
  17: { what: 'a refresh token opens views', at: [[DJWTO, 'protect with REFRESH token (accepted)']] },
  18: { what: 'an access token mints a refresh token', at: [[DJWTO, 'update_refresh mints long-lived refresh']] },
  19: { what: 'any text as Bearer keeps one from logging in', at: [[DJWTO, 'login with any Bearer garbage']] },
  20: { what: 'who was shut out goes on', at: [[DJWTO, 'refresh_access for DEACTIVATED user']] },
  21: {
    what: 'a logout leaves much',
    at: [
      [DJWTO, 'validate_refresh after logout'],
      ['djwto-cookies.test.ts', '(fault 21)'],
    ],
  },
  22: {
    what: 'odd statuses, and crashes',
    form: true,
    at: [
      [DJWTO, 'refresh_access after logout'],
      [HERE, 'faults 22 and 37:'],
    ],
  },
  23: {
    what: '`sub` and `exp` are not demanded',
    at: [
      [DJWTO, 'validate wrong sub'],
      [DJWTO, 'validate no exp'],
    ],
  },
  24: { what: 'a refresh token is an access token', at: [[JWTAUTH, 'REFRESH token used as access token']] },
  25: { what: 'empty cookies crash', at: [[JWTAUTH, 'EMPTY cookies crash']] },
  26: { what: 'a login while logged in crashes', at: [[JWTAUTH, 'login while logged in']] },
  27: { what: 'a missing field crashes', at: [[JWTAUTH, 'login missing field']] },
  28: { what: 'logouts at once crash', at: [['jwtauth.test.ts', '48 logouts at once']] },
  29: { what: 'cookies of two people make one', at: [[JWTAUTH, 'alice access + bob refresh (mix)']] },
  30: { what: 'who was shut out is renewed', at: [[JWTAUTH, 'DEACTIVATED user still silently refreshed']] },
  31: { what: 'deleting rows revokes nothing', at: [[JWTAUTH, 'deleting ActiveToken rows']] },
  32: {
    what: 'cookies without an age',
    form: true,
    at: [
      [JWTAUTH, 'it is answered as recorded'],
      [HERE, 'fault 32:'],
    ],
  },
  33: { what: 'three queries for a request', at: [[HERE, 'fault 33:']] },
  34: {
    what: 'ordinary refusals crash',
    at: [
      [PYJWT, 'EXPIRED: mended'],
      [PYJWT, "'non-UTF8 scheme'"],
    ],
  },
  35: { what: 'a name that is signed is the local account', at: [['external-pyjwt.test.ts', '(fault 35)']] },
  36: { what: 'every request is a login', at: [['external-pyjwt.test.ts', 'and logged in once']] },
  37: {
    what: '403 without a challenge',
    form: true,
    at: [
      ['external-pyjwt.test.ts', 'is never asked for a challenge'],
      [HERE, 'faults 22 and 37:'],
    ],
  },
  38: { what: 'expired tokens are good', at: [['graphql-jwt.test.ts', '(fault 38)']] },
  39: { what: 'old refresh tokens stay', at: [['graphql-jwt.test.ts', '(fault 39']] },
  40: { what: 'who was shut out refreshes', at: [['graphql-jwt.test.ts', '(fault 40)']] },
  41: { what: 'cookies that anybody can use', at: [['graphql-jwt-golden.test.ts', 'fault 41']] },
  42: { what: 'a rotation that nobody selects', at: [['graphql-jwt.test.ts', '(fault 42)']] },
  43: {
    what: 'errors without a code',
    form: true,
    at: [
      ['graphql-jwt.test.ts', 'Fault 43'],
      [HERE, 'fault 43:'],
    ],
  },
  44: {
    what: 'odd tokens and forms crash, strangers end tokens',
    at: [
      [DRF, 'logout garbage token in body'],
      ['drf-jwt.test.ts', '(fault 44)'],
    ],
  },
  45: {
    what: 'odd claims crash',
    at: [
      [SIMPLE, 'protected user_id huge'],
      [SIMPLE, 'refresh no jti'],
    ],
  },
  46: { what: 'raw tokens are stored', at: [['jwtauth.test.ts', 'who has a copy of the database']] },
  47: {
    what: 'a digest of the stored hash is readable',
    at: [['simplejwt-password.test.ts', 'is no digest that strangers can compute']],
  },
  48: {
    what: 'guessing is free, however long',
    at: [
      ['simplejwt.test.ts', 'guessing is slowed down'],
      [HERE, 'fault 48:'],
    ],
  },
  49: { what: 'a rotation never ends', at: [['simplejwt.test.ts', 'for 30 days, and not for ever']] },
  50: { what: 'a handler of an event makes tokens', at: [[HERE, 'fault 50:']] },
  51: { what: 'permissions are frozen', at: [['djwto.test.ts', '(fault 51)']] },
  52: { what: 'an id without a name is a user', at: [[DJWTO, 'validate user with only id']] },
  53: { what: 'the end of a token is computed, not read', at: [[HERE, 'fault 53:']] },
  54: { what: 'settings of a wrong type pass', at: [['jwtauth.test.ts', 'does not start, and the setting is named']] },
  55: { what: 'accounts are joined by address', at: [['../issuers/provision.test.ts', "email: 'root@example.com'"]] },
  56: { what: 'nothing is purged', at: [['jwtauth.test.ts', 'sessions that have expired are deleted']] },
  57: { what: 'log out everywhere misses rotated tokens', at: [[HERE, 'fault 57:']] },
  58: { what: 'a new key signs everybody out', at: [[HERE, 'fault 58:']] },
  59: { what: 'the database is asked before the token', at: [[HERE, 'fault 59:']] },
  60: { what: 'no list of sessions', at: [[HERE, 'fault 60:']] },
}

const COUNT = 60

/** What is wrong with the table: numbers without a place, and places that are none. */
function gaps(faults: Readonly<Record<number, Fault>>, read: (file: string) => string): readonly string[] {
  const missing = Array.from({ length: COUNT }, (_, at) => at + 1).filter((number) => !faults[number]?.at.length)
  const lost = Object.entries(faults).flatMap(([number, { at }]) =>
    at.filter(([file, text]) => !read(file).includes(text)).map((place) => `${number}: ${place.join(': ')}`),
  )
  return [...missing.map(String), ...lost]
}

const read = (file: string): string => readFileSync(new URL(file, import.meta.url), 'utf8')

test('every fault of the originals has a test', () => {
  expect(gaps(FAULTS, read)).toEqual([])
})

test('a fault without a test, and a test that is gone, are found', () => {
  const { 7: _, ...others } = FAULTS
  expect(gaps(others, read)).toEqual(['7'])
  expect(gaps(FAULTS, (file) => (file === HERE ? '' : read(file)))).toContain(`5: ${HERE}: fault 5:`)
})

test('those of form are the ones that clients rely on', () => {
  const kept = Object.entries(FAULTS).filter(([, { form }]) => form)
  expect(kept.map(([number]) => Number(number))).toEqual([13, 22, 32, 37, 43])
})
