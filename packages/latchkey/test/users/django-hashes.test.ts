/** Promises about passwords that Django hashed: verified as they are, renewed at the next login, and never more work than is safe. */
import { createHook } from 'node:async_hooks'
import { hash as argon2Hash } from '@node-rs/argon2'
import { describe, expect, test } from 'vitest'
import { readForeign } from '../../src/users/foreign-hash.js'
import { createLogin, passwords } from '../../src/users/login.js'
import { createHasher } from '../../src/users/passwords.js'
import { createThrottle } from '../../src/users/throttle.js'
import { account, fakeClock, headWith, noPeer, outcome, recordedEvents, storeWith } from './fixtures.js'

const password = 'lètmein'
const pbkdf2 = 'pbkdf2_sha256$1000$seasalt$JgZryXe2Ga8ysg6XbzkLpTdyPQrHqsinbL9BnnhgX4A='
const [sum256, sum512] = [pbkdf2.slice(-44), Buffer.alloc(64).toString('base64')]

/** Made by Django's hashers, and for bcrypt by the C library of Debian. */
const stored = {
  pbkdf2_sha256: pbkdf2,
  pbkdf2_sha1: 'pbkdf2_sha1$1000$seasalt$ljleU4wBmTtz/MoG5YTwxpM0d7I=',
  scrypt:
    'scrypt$1024$seasalt$8$1$+qO2jTkVUbPNlniTkHY96ldSJKs4U0WQif8UbWlfO3wJDNhKOg+pPtDckiT6Zw0qkEvKIQ1MdONfGxsWrpoiNg==',
  'scrypt of five lanes':
    'scrypt$1024$seasalt$8$5$ozpUt/qDR/QLBzi9csaWJofO252yHC+Oxl5cycNUQkna/BBjumDq5KMXPAq1Xi3sxxGWxqtAlQmEE+DSWNl+FQ==',
  bcrypt_sha256: 'bcrypt_sha256$$2b$04$CCCCCCCCCCCCCCCCCCCCC.3TTwpC5Bwj7ds9p/UadWA7yfctaiUsS',
  bcrypt: 'bcrypt$$2b$04$CCCCCCCCCCCCCCCCCCCCC.gkH6UnjS0HnlIFKPrxOxecnCGXTwVua',
}

describe('a password that Django hashed', () => {
  test.each(Object.entries(stored))('%s is right or wrong, and outdated where it is right', async (_, hash) => {
    const hasher = createHasher()
    expect(await hasher.verify(hash, password)).toEqual({ ok: true, outdated: true })
    for (const wrong of ['letmein', `${password} `, '', `${password}\0${password}`])
      expect(await hasher.verify(hash, wrong)).toEqual({ ok: false, outdated: false })
  })

  test('argon2 as Django writes it, also with the very parameters that are ours', async () => {
    const hasher = createHasher()
    const cheap = `argon2${await argon2Hash(password, { memoryCost: 64, timeCost: 1 })}`
    expect(await hasher.verify(cheap, password)).toEqual({ ok: true, outdated: true })
    expect((await hasher.verify(cheap, 'letmein')).ok).toBe(false)
    expect(await hasher.verify(`argon2${await hasher.hash(password)}`, password)).toEqual({ ok: true, outdated: true })
  })

  test('bcrypt reads 72 bytes as Django let it, bcrypt_sha256 all of them', async () => {
    const hasher = createHasher()
    const long = 'bcrypt$$2b$04$CCCCCCCCCCCCCCCCCCCCC.HoJqhO5Va/3zNmgkk3WEVDvGKIYilPC'
    expect((await hasher.verify(long, `${'A'.repeat(72)}x`)).ok).toBe(true)
    expect((await hasher.verify(long, 'A'.repeat(71))).ok).toBe(false)
  })

  test('becomes argon2id at the next login, once, and stays what it was for who is inactive', async () => {
    const old = { passwordHash: pbkdf2 }
    const store = await storeWith(account('alice', old), account('out', { ...old, active: false }))
    const events = recordedEvents().events
    const throttle = createThrottle({ clock: fakeClock() })
    const parts = { methods: [passwords()], throttle, hasher: createHasher(), events, canonical: true }
    const login = createLogin({ users: store, ...parts })
    const hashOf = async (name: string) => (await store.findByLogin(name))?.passwordHash
    const as = (name: string, typed: string) => outcome(login({ login: name, password: typed }, headWith(), noPeer))
    expect(await as('alice', 'letmein')).toBe('login_failed')
    expect(await hashOf('alice')).toBe(pbkdf2)
    expect(await Promise.all([as('alice', password), as('alice', password)])).toEqual(['ok', 'ok'])
    const renewed = await hashOf('alice')
    expect(renewed).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/)
    expect([await as('alice', password), await hashOf('alice')]).toEqual(['ok', renewed])
    expect([await as('out', password), await hashOf('out')]).toEqual(['login_failed', pbkdf2])
  })
})

describe('case 201: a stored hash that is hostile, or nobody can have', () => {
  const salt = '.'.repeat(53)
  test.each([
    ['10^12 iterations', `pbkdf2_sha256$1000000000000$x$${sum256}`],
    ['more iterations than the limit', `pbkdf2_sha256$2500001$x$${sum256}`],
    ['no iterations', `pbkdf2_sha256$0$x$${sum256}`],
    ['fewer than none', `pbkdf2_sha256$-1$x$${sum256}`],
    ['iterations in hexadecimal', `pbkdf2_sha256$0x10$x$${sum256}`],
    ['no salt', `pbkdf2_sha256$1000$$${sum256}`],
    ['a giant salt', `pbkdf2_sha256$1000$${'x'.repeat(10_000_000)}$${sum256}`],
    ['a line break in the salt', `pbkdf2_sha256$1000$a\nb$${sum256}`],
    ['a digest of another length', `pbkdf2_sha256$1000$x$${sum512}`],
    ['an empty digest', 'pbkdf2_sha256$1000$x$'],
    ['a digest with a set trailing bit', `${pbkdf2.slice(0, -2)}B=`],
    ['something after it', `${pbkdf2}$x`],
    ['a line break after it', `${pbkdf2}\n`],
    ['2^40 of memory', `scrypt$1099511627776$x$8$1$${sum512}`],
    ['256 MiB', `scrypt$262144$x$8$1$${sum512}`],
    ['no power of two', `scrypt$1000$x$8$1$${sum512}`],
    ['one', `scrypt$1$x$8$1$${sum512}`],
    ['blocks without end', `scrypt$16384$x$99999999$1$${sum512}`],
    ['too many lanes', `scrypt$131072$x$8$16$${sum512}`],
    ['31 rounds of bcrypt', `bcrypt$$2b$31$${salt}`],
    ['15 rounds', `bcrypt_sha256$$2b$15$${salt}`],
    ['3 rounds', `bcrypt$$2b$03$${salt}`],
    ['the broken form of bcrypt', `bcrypt$$2x$04$${salt}`],
    ['half a bcrypt', 'bcrypt$$2b$04$abc'],
    ['8 GiB of argon2', `argon2$argon2id$v=19$m=8388608,t=2,p=1$${'A'.repeat(22)}$${'A'.repeat(43)}`],
    ['unusable in Django', '!mDhWqpDGmHVFJY7BNFFxxV4xzvoHLiXcJ0ADxxoN'],
    ['unusable, with a good hash behind', `!${pbkdf2}`],
    ['MD5', 'md5$salt$5f4dcc3b5aa765d61d8327deb882cf99'],
    ['plain text', password],
    ['a name that every object has', 'constructor$1$x$y'],
  ])('%s is refused without its work', async (_, hash) => {
    expect(readForeign(hash)).toBeUndefined()
    expect(await createHasher().verify(hash, password)).toEqual({ ok: false, outdated: false })
  })

  test.each([
    ['Django 6.1', `pbkdf2_sha256$1500000$${'s'.repeat(22)}$${sum256}`],
    ['Django 5.1, scrypt', `scrypt$16384$${'s'.repeat(22)}$8$5$${sum512}`],
    ['Django, bcrypt', `bcrypt_sha256$$2b$12$${salt}`],
  ])('what %s makes is within the limits', (_, hash) => {
    expect(readForeign(hash)).toBeDefined()
  })
})

describe('case 197: where imported hashes are about', () => {
  const other = `pbkdf2_sha256$400$seasalt$${sum256}`

  /** How often each native derivation was asked for while this ran. */
  async function derived(run: () => Promise<unknown>): Promise<number> {
    let count = 0
    const init = (_id: number, type: string): void => {
      if (type === 'PBKDF2REQUEST') count += 1
    }
    const hook = createHook({ init }).enable()
    await run()
    hook.disable()
    return count
  }

  test('whoever is refused costs what the dearest of them costs, and whoever is let in only their own hash', async () => {
    const hasher = createHasher()
    const mine = await argon2Hash(password, { memoryCost: 64, timeCost: 1 })
    expect(await derived(() => hasher.verify(null, password))).toBe(0)
    expect(await derived(() => hasher.verify(pbkdf2, 'letmein'))).toBe(1)
    expect(await derived(() => hasher.verify(null, password))).toBe(1)
    expect(await derived(() => hasher.verify(mine, 'letmein'))).toBe(1)
    expect(await derived(() => hasher.verify(mine, password))).toBe(0)
    // The rest of the dearest after the cheaper one.
    expect(await derived(() => hasher.verify(other, password))).toBe(2)
    // Who is refused with the right password, because the account is not active.
    expect(await derived(() => hasher.verify(mine, password, false))).toBe(1)
    expect(await derived(() => hasher.verify(pbkdf2, password, false))).toBe(1)
  })
})
