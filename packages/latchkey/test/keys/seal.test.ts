/** Promises of server secrets: refused when weak, used when every replica has them, and sealing what only its own place opens. */
import { describe, expect, test } from 'vitest'
import { AuthError } from '../../src/errors.js'
import { announce, type Purpose, seal, sealedBy, serverSecrets, unseal } from '../../src/keys/seal.js'
import { memoryStores } from '../../src/stores/memory.js'
import { fakeClock, NEWER, SECRET } from './fixtures.js'

const hintOf = (texts: readonly string[]): string | undefined => {
  try {
    serverSecrets(texts, fakeClock())
  } catch (error) {
    if (error instanceof AuthError && error.code === 'options_invalid') return error.hint
    throw error
  }
  return undefined
}

describe('a server secret', () => {
  test.each([
    ['short', 'x7Lm_5rTc8Bn4Hd6Gf1Sa0Yu'],
    ['short when decoded', `base64:${Buffer.alloc(24, 7).toString('base64')}`],
    ['not what its prefix says', 'hex:zz'],
    ['one word, repeated', 'abcdefgh'.repeat(8)],
    ['of one character', 'a'.repeat(64)],
    ['empty', ''],
  ])('that is %s does not start, and the hint names the option, not the value', (_, text) => {
    const hint = hintOf([text])
    expect(hint).toMatch(/^secret: /)
    if (text) expect(hint).not.toContain(text)
  })

  test('case 11: a published one does not start', () => {
    expect(hintOf(['a-string-secret-at-least-256-bits-long'])).toBe('secret: this secret is on a published list')
  })

  test('none at all, or the same twice in whatever spelling, does not start', () => {
    expect(hintOf([])).toBe('secret: there is none')
    const spelled = `base64:${Buffer.from(SECRET).toString('base64')}`
    expect(hintOf([SECRET, spelled])).toBe('secret: the same one is given twice')
  })

  test('gives another sub-key for each purpose, the same each time, and an id that is none of them', () => {
    const [secret] = serverSecrets([SECRET], fakeClock()).all
    const purposes: readonly Purpose[] = ['refresh', 'ring', 'bootstrap', 'csrf']
    const keys = purposes.map((purpose) => secret?.subkey(purpose).toString('hex'))
    expect(new Set(keys).size).toBe(4)
    expect(keys.every((key) => key?.length === 64)).toBe(true)
    expect(purposes.map((purpose) => secret?.subkey(purpose).toString('hex'))).toEqual(keys)
    expect(secret?.id).toMatch(/^[\w-]{12}$/)
    expect(keys.some((key) => key?.startsWith(Buffer.from(secret?.id ?? '', 'base64url').toString('hex')))).toBe(false)
  })
})

describe('which secret is in use', () => {
  test('the first that a store ever hears of, at once', async () => {
    const clock = fakeClock()
    const secrets = serverSecrets([SECRET], clock)
    await announce(secrets, memoryStores({ clock }).keys)
    expect(secrets.current()).toBe(secrets.all[0])
  })

  test('a newer one only after the store has known it for ten minutes', async () => {
    const clock = fakeClock()
    const { keys } = memoryStores({ clock })
    await announce(serverSecrets([SECRET], clock), keys)
    const secrets = serverSecrets([NEWER, SECRET], clock)
    const [newer, older] = secrets.all
    expect(secrets.current()).toBe(older)
    await announce(secrets, keys)
    clock.now += 599
    expect(secrets.current()).toBe(older)
    clock.now += 1
    expect(secrets.current()).toBe(newer)
  })

  test('on an empty store the older of two, because replicas of before know only that', async () => {
    const clock = fakeClock()
    const secrets = serverSecrets([NEWER, SECRET], clock)
    await announce(secrets, memoryStores({ clock }).keys)
    expect(secrets.current()).toBe(secrets.all[1])
  })

  test('one that replaced another in a single step is used, because there is no other', async () => {
    const clock = fakeClock()
    const { keys } = memoryStores({ clock })
    await announce(serverSecrets([SECRET], clock), keys)
    const secrets = serverSecrets([NEWER], clock)
    await announce(secrets, keys)
    expect(secrets.current()).toBe(secrets.all[0])
  })
})

describe('a sealed document', () => {
  const secrets = serverSecrets([NEWER, SECRET], fakeClock())
  const [newer, older] = secrets.all as [(typeof secrets.all)[0], (typeof secrets.all)[0]]

  test('opens with the secret that sealed it, wherever that stands in the list', () => {
    const sealed = seal('grüße', older, 'ring 1')
    expect(unseal(sealed, secrets, 'ring 1')).toBe('grüße')
    expect(sealedBy(sealed)).toBe(older.id)
    expect(seal('grüße', older, 'ring 1')).not.toBe(sealed)
    expect(sealed).not.toContain('grüße')
  })

  test('opens in no other place, with no other secret, and under no other name', () => {
    const sealed = seal('text', older, 'ring 1')
    expect(unseal(sealed, secrets, 'ring 2')).toBeUndefined()
    expect(unseal(sealed, serverSecrets([NEWER], fakeClock()), 'ring 1')).toBeUndefined()
    expect(unseal(sealed.replace(older.id, newer.id), secrets, 'ring 1')).toBeUndefined()
  })

  test('opens only as it was sealed: every changed character and every lost one is noticed', () => {
    const sealed = seal('a text of some length', older, 'ring 1')
    for (let at = 0; at < sealed.length; at++) {
      const other = sealed[at] === 'A' ? 'B' : 'A'
      expect(unseal(sealed.slice(0, at) + other + sealed.slice(at + 1), secrets, 'ring 1')).toBeUndefined()
      expect(unseal(sealed.slice(0, at), secrets, 'ring 1')).toBeUndefined()
    }
    for (const text of ['', '1..', `1.${older.id}.AAAA`, `2${sealed.slice(1)}`, `${sealed}A`, `${sealed}\n`]) {
      expect(unseal(text, secrets, 'ring 1')).toBeUndefined()
    }
  })
})
