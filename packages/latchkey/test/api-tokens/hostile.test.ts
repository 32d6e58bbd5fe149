/** API tokens in every spelling of the header, forged ones, and floods of tokens that are none. */
import { describe, expect, test } from 'vitest'
import { createChain } from '../../src/guard/authenticator.js'
import { apiToken, basic, bearer, jwt } from '../../src/index.js'
import { createTransports } from '../../src/transport/transports.js'
import { isMarked, readToken, spellToken } from '../../src/users/api-token-form.js'
import { SECRET } from '../auth-kit.js'
import { apiKit, enter, headOf } from './kit.js'

const KEY = Buffer.alloc(32, 7)
/** A token as a stranger invents it, without the key that marks ours. */
const invented = (): string => spellToken(1_700_000_000_000, Buffer.alloc(32, 1)).token

describe('the header of an API token', () => {
  test.each([
    ['the scheme in any case (case 180)', ['bearer T'], 'good'],
    ['the scheme in capitals (case 180)', ['BEARER T'], 'good'],
    ['another scheme (case 181)', ['Token T'], 'anonymous'],
    ['Basic (case 181)', ['Basic T'], 'anonymous'],
    ['a scheme that begins alike (case 181)', ['Bearer2 T'], 'anonymous'],
    ['a token without a scheme (case 181)', ['T'], 'anonymous'],
    ['two headers (case 182)', ['Bearer T', 'Bearer T'], 'credential_ambiguous'],
    ['two headers, the other one first (case 182)', ['Bearer J', 'Bearer T'], 'credential_ambiguous'],
    ['two headers of two schemes (case 182)', ['Bearer T', 'Basic YTpi'], 'credential_ambiguous'],
    ['two tokens in one header (case 183)', ['Bearer T, Bearer J'], 'credential_ambiguous'],
    ['two spaces (case 183)', ['Bearer  T'], 'credential_malformed'],
    ['a tab (case 183)', ['Bearer\tT'], 'credential_malformed'],
    ['a trailing comma (case 183)', ['Bearer T,'], 'credential_ambiguous'],
    ['a comma before it (case 183)', ['Bearer ,T'], 'credential_ambiguous'],
    ['something behind it', ['Bearer T x'], 'credential_malformed'],
    ['latin-1 (case 185)', ['Bearer lk_é'], 'token_invalid'],
    ['a percent sign (case 185)', ['Bearer lk_%'], 'token_invalid'],
    ['the prefix alone', ['Bearer lk_'], 'token_invalid'],
    ['the prefix in capitals', ['Bearer LK_abc'], 'token_invalid'],
    ['16 KB (case 185)', [`Bearer lk_${'a'.repeat(16_384)}`], 'token_invalid'],
    ['16 KB of commas', [`Bearer lk_${','.repeat(16_384)}`], 'credential_ambiguous'],
    ['an access token beside it in the chain', ['Bearer J'], 'good'],
  ])('%s', async (_name, values, outcome) => {
    const { auth, user } = await apiKit()
    const { token } = await auth.apiTokens.create(user.id, { name: 'x' })
    const { access } = await auth.tokens.issue(user)
    const sent = values.map((value) => value.replace(/\bT\b(?=[ ,]|$)/, token).replace(/\bJ\b/, access))
    expect(await enter(auth, ...sent)).toBe(outcome)
  })

  test.each([
    ['Token', 'Token', 'good'],
    ['Token', 'TOKEN', 'good'],
    ['Token', 'Bearer', 'token_invalid'],
    [['Bearer', 'Token'], 'Token', 'good'],
    [['Bearer', 'Token'], 'Bearer', 'good'],
  ])('the scheme is an option: %j takes what comes by %s: %s', async (scheme, sent, outcome) => {
    const { auth, user } = await apiKit({ authenticators: [jwt(), apiToken({ scheme }), basic()] })
    const { token } = await auth.apiTokens.create(user.id, { name: 'x' })
    expect(await enter(auth, `${sent} ${token}`)).toBe(outcome)
  })

  test('without the link an API token is a bad access token', async () => {
    const { auth, user, enter } = await apiKit({ authenticators: [jwt()] })
    const { token } = await auth.apiTokens.create(user.id, { name: 'x' })
    expect(await enter(token)).toBe('token_invalid')
  })

  test('an API token and another credential are an error, whichever is good', async () => {
    const tools = {
      transports: createTransports([bearer(), bearer({ header: 'x-access-token' })], undefined),
      apiTokens: {
        verify: () => ({ tokenId: 't', userId: 'u', permissions: null, held: [] }),
        checkNow: async () => {},
      },
      events: { has: () => false },
    }
    const chain = createChain([apiToken()(tools as never)], () => {})
    const head = headOf(`Bearer ${invented()}`)
    const both = {
      ...head,
      header: (name: Lowercase<string>) => (name === 'x-access-token' ? 'Bearer J' : head.header(name)),
    }
    expect(await chain(head, { address: undefined })).toMatchObject({ context: { userId: 'u' } })
    expect(await chain(both, { address: undefined })).toMatchObject({ failure: { code: 'credential_ambiguous' } })
  })
})

describe('a forged API token', () => {
  test('gets one answer, whatever is wrong with it and whoever exists', async () => {
    const { auth, user, enter } = await apiKit()
    const { token, id } = await auth.apiTokens.create(user.id, { name: 'x' })
    const swapped = `lk_${id}${invented().slice(25)}`
    const others = Array.from(
      token,
      (letter, at) => token.slice(0, at) + (letter === 'A' ? 'B' : 'A') + token.slice(at + 1),
    )
    const all = [
      swapped,
      invented(),
      token.toLowerCase(),
      token.slice(0, -1),
      `${token}A`,
      `${token}=`,
      ...others.slice(3),
    ]
    const outcomes = new Set<string>()
    for (const forged of all) outcomes.add(await enter(forged))
    expect(outcomes).toEqual(new Set(['token_invalid']))
    await auth.apiTokens.revoke(id)
    expect([await enter(swapped), await enter(token)]).toEqual(['token_invalid', 'token_revoked'])
  })

  test('is answered byte for byte as an unknown one', async () => {
    const { auth, user } = await apiKit()
    const { id } = await auth.apiTokens.create(user.id, { name: 'x' })
    const answer = async (token: string) => {
      const { failure } = await auth.authenticate(headOf(`Bearer ${token}`))
      return auth.reject(failure, { method: 'GET' })
    }
    const [known, unknown, garbage] = [`lk_${id}${invented().slice(25)}`, invented(), 'lk_x'].map(answer)
    expect(await known).toEqual(await unknown)
    expect(await garbage).toEqual(await unknown)
  })

  test('says nothing of its text in errors and events', async () => {
    const { auth } = await apiKit()
    const token = invented()
    const { failure } = await auth.authenticate(headOf(`Bearer ${token}`))
    expect(JSON.stringify([failure, failure?.message, failure?.hint, failure?.stack])).not.toContain(token.slice(3, 20))
  })
})

describe('a flood of tokens that are none', () => {
  test('asks the store nothing where their form is wrong', async () => {
    const { line, enter } = await apiKit()
    for (let n = 0; n < 1_000; n++) expect(await enter(`lk_${n}`)).toBe('token_invalid')
    expect(line.finds).toBe(0)
  })

  test('asks it at most so often, and keeps nobody out whose token is genuine', async () => {
    const { auth, user, line, enter } = await apiKit()
    const genuine = await Promise.all(
      Array.from({ length: 50 }, (_, n) => auth.apiTokens.create(user.id, { name: `${n}` })),
    )
    const outcomes = new Map<string, number>()
    for (let n = 0; n < 5_000; n++) {
      const outcome = await enter(invented())
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
    }
    expect([...outcomes.keys()].sort()).toEqual(['login_throttled', 'token_invalid'])
    // A hundred at once and twenty with each second that this took.
    expect(line.finds).toBeLessThan(400)
    for (const { token } of genuine) expect(await enter(token)).toBe('good')
  })

  test('asks once for the same token, and once for one that was revoked', async () => {
    const { auth, user, line, enter } = await apiKit()
    const token = invented()
    for (let n = 0; n < 500; n++) expect(await enter(token)).toBe('token_invalid')
    expect(line.finds).toBe(1)
    const mine = await auth.apiTokens.create(user.id, { name: 'x' })
    await auth.apiTokens.revoke(mine.id)
    const before = line.finds
    for (let n = 0; n < 500; n++) expect(await enter(mine.token)).toBe('token_revoked')
    expect(line.finds - before).toBe(1)
  })

  test('is told from tokens that were made under a secret that is gone: those are still good', async () => {
    const { auth, user, process } = await apiKit({ algorithm: 'HS256', key: SECRET })
    const { token } = await auth.apiTokens.create(user.id, { name: 'x' })
    const later = process({ secret: 'another-secret-for-tests-only-0123456789-abcdefg' })
    expect(await later.enter(token)).toBe('good')
  })
})

describe('the spelling', () => {
  test('a thousand tokens are a thousand, and each is read as it was made', () => {
    const all = Array.from({ length: 1_000 }, (_, n) => spellToken(1_700_000_000_000 + n, KEY))
    expect(new Set(all.map(({ token }) => token)).size).toBe(1_000)
    for (const { token, ...made } of all) {
      expect(readToken(token)).toEqual(made)
      expect([isMarked(token, [Buffer.alloc(32), KEY]), isMarked(token, [Buffer.alloc(32)])]).toEqual([true, false])
    }
  })

  test('no access token begins as an API token does', async () => {
    const { auth, user } = await apiKit()
    expect(readToken((await auth.tokens.issue(user)).access)).toBeUndefined()
  })
})
