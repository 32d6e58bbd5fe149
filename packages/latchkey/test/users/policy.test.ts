/** Promises of the policy: one spelling for a name, and passwords that are worth hashing. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { canonicalLogin, checkEmail, checkNewPassword, checkUsername, isTooLong } from '../../src/users/policy.js'

const rules = (problems: readonly { rule: string }[]) => problems.map(({ rule }) => rule)

describe('case 251: one spelling for a name', () => {
  test.each([
    ['Alice', 'alice'],
    [' alice\t', 'alice'],
    ['ａｌｉｃｅ', 'alice'],
    ['al\u200bice', 'alice'],
    ['\ufeffalice\u2060', 'alice'],
    ['al\u00adice', 'alice'],
    ['alice\u3164', 'alice'],
    ['ali\ufe0fce', 'alice'],
    ['alice＠example.com', 'alice@example.com'],
    ['STRASSE', canonicalLogin('straße')],
    ['STRAẞE', 'strasse'],
    ['ΟΔΟΣ', canonicalLogin('οδοσ')],
    ['e\u0301ve', '\u00e9ve'],
    ['ﬁona', 'fiona'],
  ])('%j is %j', (typed, canonical) => {
    expect(canonicalLogin(typed)).toBe(canonical)
  })

  test('the canonical spelling of a canonical spelling is itself', () => {
    const settled = (text: string) => canonicalLogin(canonicalLogin(text)) === canonicalLogin(text)
    fc.assert(fc.property(fc.string({ unit: 'binary' }), settled))
    // Every character that is not its own spelling already; beyond plane 2 there are no letters.
    const characters = Array.from({ length: 0x30000 }, (_, point) => String.fromCodePoint(point))
    const changed = characters.filter((one) => canonicalLogin(one) !== one)
    const unsettled = changed.filter((one) => ![one, `a${one}`, `${one}\u0301`, `a ${one} `].every(settled))
    expect(changed.length).toBeGreaterThan(5_000)
    expect(unsettled).toEqual([])
  })
})

describe('user names', () => {
  test.each(['alice', 'Élodie', "o'brien@example.com", '李雷', 'a', 'x'.repeat(254), ' padded '])(
    '%j is one',
    (name) => {
      expect(checkUsername(name)).toEqual([])
    },
  )

  test.each([
    [undefined, 'required'],
    [null, 'null'],
    [1, 'type'],
    [{ $ne: null }, 'type'],
    [['alice'], 'type'],
    ['', 'blank'],
    ['\u200b \u2060', 'blank'],
    ['x'.repeat(255), 'long'],
    ['x'.repeat(1_000_000), 'long'],
    ['\ufdfa'.repeat(200), 'long'],
    ['al\0ice', 'nul'],
    ['two words', 'format'],
    ['a:b', 'format'],
    ['<script>', 'format'],
    ['...', 'format'],
    ['\u0301alice', 'format'],
    ['al\nice', 'format'],
    ['\ud800', 'format'],
  ])('case 252: %j is refused: %s', (name, rule) => {
    expect(rules(checkUsername(name))).toEqual([rule])
  })
})

describe('e-mail addresses', () => {
  test.each([undefined, null, 'a@example.com', 'A.B+tag@sub.example.com', 'root@localhost', 'ü@bücher.example'])(
    '%j is fine',
    (email) => {
      expect(checkEmail(email)).toEqual([])
    },
  )

  test.each([
    'a@x,b@y',
    'a@x b@y',
    'a@b@c',
    '@x',
    'a@',
    'a@-x',
    'a@x..y',
    'Alice <a@x>',
    'a@x\r\nBcc: b@y',
    `${'a'.repeat(65)}@x`,
  ])('case 264: %j is not one address', (email) => {
    expect(rules(checkEmail(email))).toEqual(['format'])
  })

  test('255 characters are too many, and the value is never in the answer', () => {
    const email = `secret@${'x'.repeat(255)}`
    expect(rules(checkEmail(email))).toEqual(['long'])
    expect(JSON.stringify([checkEmail(email), checkEmail('secret@@'), checkUsername('secret name')])).not.toContain(
      'secret',
    )
  })
})

describe('new passwords', () => {
  test.each([
    ['7 characters', 'abcdefg', ['short']],
    ['7 characters of 4 bytes', '😀'.repeat(7), ['short']],
    ['8 characters', 'abcdefgh', []],
    ['256 characters', 'ab'.repeat(128), []],
    ['256 characters of 4 bytes', '😀'.repeat(256), []],
    ['257 characters', 'a'.repeat(257), ['long']],
    ['1,025 bytes', `${'😀'.repeat(256)}a`, ['long']],
    ['64 KiB', 'a'.repeat(65_536), ['long']],
    ['16 MiB', 'a'.repeat(16_777_216), ['long']],
    ['with NUL', 'abcd\0efgh', ['nul']],
    ['half a character', 'abcdefgh\ud800', ['format']],
    ['only spaces count as typed', ' '.repeat(8), []],
    ['a number', 12_345_678, ['type']],
    ['an object', { $ne: null }, ['type']],
    ['nothing', undefined, ['required']],
    ['null', null, ['null']],
  ])('case 199: %s', (_, password, expected) => {
    expect(rules(checkNewPassword(password, {}))).toEqual(expected)
  })

  test.each(['alice.smith', 'ALICE.SMITH', 'ａlice.smith', 'smith@example.com', 'Latchkey'])(
    'case 265: %j is written next to it, or the name of the product',
    (password) => {
      const about = { username: 'alice.smith', email: 'smith@example.com' }
      expect(rules(checkNewPassword(password, about))).toEqual(['common'])
    },
  )

  test('at login only the bytes are bounded', () => {
    expect([
      isTooLong('a'),
      isTooLong('a'.repeat(1_024)),
      isTooLong('a'.repeat(1_025)),
      isTooLong('é'.repeat(513)),
    ]).toEqual([false, false, true, true])
  })
})
