/** Whoever gets the database file gets nothing to sign in with (case 152). */
import { readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { serverSecrets, unseal } from '../../src/keys/seal.js'
import { PASSWORD, SECRET } from '../auth-kit.js'
import { sqlite } from '../stores/kit.js'
import { partsOf, rotated, world } from './kit.js'

/** Every byte of the file and of those beside it. */
function dump(path: string): Buffer {
  const files = readdirSync(dirname(path)).filter((name) => name.startsWith(basename(path)))
  return Buffer.concat(files.map((name) => readFileSync(join(dirname(path), name))))
}

test('the database file holds no token, no MAC, no password, no secret and no signing key', async () => {
  const store = await sqlite()
  const alice = await world(store)
  const { auth, tokens } = alice
  const bootstrap = (await auth.bootstrap?.offer())?.code
  const next = await alice.refresh(tokens.refresh_token)
  const third = await rotated(alice, next.body.refresh_token)
  const other = await alice.login()
  await alice.call('POST', '/auth/logout', { token: other.access_token })
  await alice.refresh(tokens.refresh_token)
  await auth.users.setPassword(alice.user.id, 'a password of another day')
  await auth.keys.rotate({ emergency: true })

  const secrets = serverSecrets([SECRET], () => alice.clock.now)
  const { sealed, version } = (await store.stores.keys.load()) as { sealed: string; version: number }
  const ring = JSON.parse(unseal(sealed, secrets, sealedFor(version)) as string)
  const privateKeys = ring.keys.map(({ jwk }: { jwk: { d: string } }) => jwk.d)
  expect(privateKeys.length).toBeGreaterThan(1)

  const issued = [tokens, next.body, other].flatMap(({ access_token, refresh_token }) => [access_token, refresh_token])
  const authenticating = [
    ...issued,
    ...issued.map((token) => token.split('.').at(-1)),
    ...[tokens.refresh_token, third].map((token) => partsOf(token)[2]),
    PASSWORD,
    'a password of another day',
    SECRET,
    ...(bootstrap ? [bootstrap] : []),
    ...privateKeys,
  ]
  const whileOpen = dump(store.path)
  await auth.close()
  for (const bytes of [whileOpen, dump(store.path)]) {
    // What must be there shows that the search can find.
    for (const known of [partsOf(third)[0], 'alice@example.com', sealed]) expect(bytes.includes(known)).toBe(true)
    for (const text of authenticating) {
      expect(bytes.includes(text), `${text.slice(0, 8)}...`).toBe(false)
      for (const encoding of ['base64url', 'base64', 'hex'] as const) {
        // A MAC or a key might be stored as bytes, or be written another way.
        const raw = Buffer.from(text, 'base64url')
        if (/^[\w-]{43}$/.test(text)) expect(bytes.includes(raw) || bytes.includes(raw.toString(encoding))).toBe(false)
        expect(bytes.includes(Buffer.from(text).toString(encoding))).toBe(false)
      }
    }
    expect(bytes.includes('PRIVATE KEY')).toBe(false)
  }
  await store.cleanup()
})

/** What the document in the store is bound to. */
const sealedFor = (version: number): string => JSON.stringify(['ring', 'self', version])
