/** An issuer that is away, that rotates, and that comes back: what a guard answers meanwhile, and after a restart (security.md 114, 123, 124). */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import type { IssuerOptions } from '../../src/issuer-options.js'
import { publicJwk } from '../../src/jwt/key.js'
import { sqliteStores } from '../../src/stores/sql/sqlite.js'
import { type Mode, modes } from '../keys/remote/hostile-server.js'
import { setOf } from '../keys/remote/kit.js'
import { a, attacked, b, COOL_DOWN, closeAll, evil, mint, rowOf, START, server } from './hostile-kit.js'

const good = modes.json(setOf(a))
const MAX_AGE = 600
const MAX_STALE = 3_600
const away = { status: 503, code: 'issuer_unreachable', retryAfter: COOL_DOWN }

afterEach(closeAll)

test.each<[string, Mode]>([
  ['answers 500', modes.status(500)],
  ['answers 429', modes.status(429)],
  ['resets the connection', modes.reset()],
  ['answers half a document', modes.text('{"keys":[')],
  ['answers an empty set', modes.json({ keys: [] })],
  ['answers a page', modes.html()],
  ['sends a hundred megabytes', modes.huge()],
])('case 114: an issuer that %s loses nobody whose key is known, and a new key is 503, not 401', async (_, mode) => {
  const keys = await server(good)
  const { get, time } = await attacked([rowOf(keys)])
  expect((await get(mint(keys.origin))).status).toBe(200)
  keys.mode = mode
  time.now += MAX_AGE
  for (let n = 0; n < 5; n++) expect((await get(mint(keys.origin, a, { jti: `${n}` }))).status).toBe(200)
  expect(await get(mint(keys.origin, b))).toEqual(away)
  expect(keys.requests).toHaveLength(2)
})

describe('case 123: a key that its issuer took back', () => {
  test('is refused from the end of the set’s time, though its token was found good a moment before', async () => {
    const keys = await server(good)
    const { get, time } = await attacked([rowOf(keys)])
    const token = mint(keys.origin)
    expect((await get(token)).status).toBe(200)
    keys.mode = modes.json(setOf(b))
    time.now += MAX_AGE * 0.8 - 1
    expect((await get(token)).status).toBe(200)
    expect(keys.requests).toHaveLength(1)
    time.now += MAX_AGE * 0.2 + 1
    expect(await get(token)).toMatchObject({ status: 401, code: 'token_invalid' })
    expect((await get(mint(keys.origin, b))).status).toBe(200)
  })

  test('is refused at once after a purge', async () => {
    const keys = await server(good)
    const { auth, get } = await attacked([rowOf(keys)])
    const token = mint(keys.origin)
    expect((await get(token)).status).toBe(200)
    keys.mode = modes.json(setOf(b))
    await auth.issuers()[0]?.remote?.purge()
    expect(await get(token)).toMatchObject({ status: 401, code: 'token_invalid' })
  })
})

test('case 124: an issuer that is away for a day is lived without for an hour, then said to be away, and is back when it is back', async () => {
  const keys = await server(good)
  const { get, own, time } = await attacked([rowOf(keys)])
  const token = () => mint(keys.origin, a, { jti: `${time.now}` }, time.now)
  expect((await get(token())).status).toBe(200)
  keys.mode = modes.status(500)
  for (time.now += MAX_AGE; time.now < START + MAX_AGE + MAX_STALE; time.now += MAX_AGE) {
    expect((await get(token())).status).toBe(200)
    expect((await get(await own())).status).toBe(200)
  }
  const until = time.now + 86_400
  for (; time.now < until; time.now += 7_200) {
    expect(await get(token())).toEqual(away)
    expect((await get(await own())).status).toBe(200)
  }
  const before = keys.requests.length
  for (let n = 0; n < 20; n++) expect(await get(token())).toMatchObject({ status: 503, code: 'issuer_unreachable' })
  expect(keys.requests.length - before).toBeLessThanOrEqual(1)
  keys.mode = good
  time.now += COOL_DOWN
  expect((await get(token())).status).toBe(200)
})

describe('a process that starts while its issuer is away', () => {
  const folders: string[] = []
  afterEach(() => {
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true })
  })

  /** A SQLite file in which an earlier process left the keys, and the server of keys, which answers no more. */
  async function saved() {
    const folder = mkdtempSync(join(tmpdir(), 'latchkey-'))
    folders.push(folder)
    const path = join(folder, 'auth.db')
    const keys = await server(good)
    const first = await attacked([rowOf(keys)], { database: `sqlite:${path}` })
    expect((await first.get(mint(keys.origin))).status).toBe(200)
    await first.auth.issuers()[0]?.remote?.refresh()
    await first.close()
    keys.mode = modes.reset()
    const restart = (more: Partial<IssuerOptions> = {}) => attacked([rowOf(keys, more)], { database: `sqlite:${path}` })
    return { path, keys, restart }
  }

  test('takes the keys that an earlier one saved, and asks for those it does not know', async () => {
    const { keys, restart } = await saved()
    const { get, time } = await restart()
    expect((await get(mint(keys.origin))).status).toBe(200)
    expect(await get(mint(keys.origin, b))).toEqual(away)
    time.now += MAX_AGE + MAX_STALE - 1
    expect((await get(mint(keys.origin, a, {}, time.now))).status).toBe(200)
    time.now += 1
    expect(await get(mint(keys.origin, a, {}, time.now))).toMatchObject({ status: 503 })
  })

  test('believes no saved keys that somebody changed, nor those of another configuration', async () => {
    const { path, keys, restart } = await saved()
    const stores = sqliteStores({ path, clock: () => START })
    await stores.open()
    const { text } = (await stores.keySets.load('hostile')) ?? { text: '' }
    const { x, y } = publicJwk(a) as { x: string; y: string }
    const forged = publicJwk(evil) as { x: string; y: string }
    const tampered = text.replace(x, forged.x).replace(y, forged.y)
    expect(tampered).not.toBe(text)
    await stores.keySets.save('hostile', tampered, START + 1)
    const changed = await restart()
    expect(await changed.get(mint(keys.origin, evil))).toEqual(away)
    expect(await changed.get(mint(keys.origin))).toMatchObject({ status: 503 })
    await changed.close()
    await stores.keySets.save('hostile', text, START + 2)
    await stores.close()
    const other = await restart({ keys: { jwksUrl: `${keys.origin}/moved.json` } })
    expect(await other.get(mint(keys.origin))).toEqual(away)
    await other.close()
    expect((await (await restart()).get(mint(keys.origin))).status).toBe(200)
  })
})
