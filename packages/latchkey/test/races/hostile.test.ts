/** Refresh tokens that are none, and those of somebody else: refused before the store is asked, or without a trace (cases 151, 153). */
import { expect, test } from 'vitest'
import { memory } from '../stores/kit.js'
import { partsOf, rotated, said, type World, world } from './kit.js'

/** Alice over a store that counts how often its sessions are asked. */
async function counted() {
  const looks = { sessions: 0 }
  const alice = await world(await memory(), {}, (name) => {
    if (name.startsWith('sessions.')) looks.sessions++
  })
  looks.sessions = 0
  return { ...alice, looks }
}

type Forge = (sid: string, mac: string, alice: World) => string

/** None of these has the form of a refresh token, so none may cost a look at the store. */
const malformed: Readonly<Record<string, Forge>> = {
  'one dot': (sid, mac) => `${sid}.${mac}`,
  'three dots': (sid, mac) => `${sid}.0.${mac}.`,
  'no generation': (sid, mac) => `${sid}..${mac}`,
  'a generation of a thousand million': (sid, mac) => `${sid}.1000000000.${mac}`,
  'a generation beyond all integers': (sid, mac) => `${sid}.99999999999999999999.${mac}`,
  'a negative generation': (sid, mac) => `${sid}.-1.${mac}`,
  'a leading zero': (sid, mac) => `${sid}.00.${mac}`,
  'a leading plus': (sid, mac) => `${sid}.+0.${mac}`,
  'a generation in hexadecimal': (sid, mac) => `${sid}.0x0.${mac}`,
  'a generation with an exponent': (sid, mac) => `${sid}.0e0.${mac}`,
  'a fraction': (sid, mac) => `${sid}.0.0.${mac}`,
  'digits of another script': (sid, mac) => `${sid}.\u0660.${mac}`,
  'a short session id': (sid, mac) => `${sid.slice(1)}.0.${mac}`,
  'a long session id': (sid, mac) => `${sid}A.0.${mac}`,
  'a session id with a quote': (sid, mac) => `${sid.slice(1)}'.0.${mac}`,
  'a short MAC': (sid, mac) => `${sid}.0.${mac.slice(1)}`,
  'half a MAC': (sid, mac) => `${sid}.0.${mac.slice(0, 22)}`,
  'no MAC': (sid) => `${sid}.0.`,
  'a long MAC': (sid, mac) => `${sid}.0.${mac}A`,
  'a MAC with padding': (sid, mac) => `${sid}.0.${mac}=`,
  'a MAC in the other alphabet': (sid, mac) => `${sid}.0.+${mac.slice(1)}`,
  'a MAC whose last character says more than its bytes': (sid, mac) => `${sid}.0.${mac.slice(0, -1)}${unused(mac)}`,
  'a space before': (sid, mac) => ` ${sid}.0.${mac}`,
  'a line end after': (sid, mac) => `${sid}.0.${mac}\n`,
  'a NUL before the end': (sid, mac) => `${sid}.0.${mac}\0`,
  'a NUL in the session id': (sid, mac) => `${sid.slice(0, 21)}\0.0.${mac}`,
  'half a surrogate pair': (sid, mac) => `${sid.slice(0, 21)}\ud800.0.${mac}`,
  'an access token': (_sid, _mac, alice) => alice.tokens.access_token,
  nothing: () => '',
  'ten thousand dots': () => '.'.repeat(10_000),
  'ten megabytes': () => 'A'.repeat(10_000_000),
  'ten megabytes after a good token': (_sid, _mac, alice) => alice.tokens.refresh_token + 'A'.repeat(10_000_000),
}

/** The last character carries four bits; this one differs from it only below them. */
function unused(mac: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  return alphabet[alphabet.indexOf(mac.at(-1) as string) ^ 1] as string
}

test.each(Object.entries(malformed))('%s is refused without a look at the store (case 153)', async (_name, forge) => {
  const alice = await counted()
  const [sid, , mac] = partsOf(alice.tokens.refresh_token)
  const token = forge(sid, mac, alice)
  const answer = await alice.refresh(token)
  expect([401, 413, 422]).toContain(answer.status)
  expect(answer.text).not.toContain(mac)
  await expect(alice.auth.tokens.refresh(token)).rejects.toMatchObject({ code: 'refresh_invalid' })
  expect(await alice.auth.tokens.sessionOf(token)).toBeUndefined()
  expect(alice.looks.sessions).toBe(0)
  expect((await alice.refresh(alice.tokens.refresh_token)).status).toBe(200)
  await alice.end()
})

test.each([[undefined], [null], [0], [true], [[]], [{}], [['a.0.b']], [{ toString: 'a' }]])(
  'a refresh token that is %j is refused without a look at the store',
  async (value) => {
    const alice = await counted()
    expect((await alice.refresh(value)).status).toBe(422)
    await expect(alice.auth.tokens.refresh(value as string)).rejects.toMatchObject({ code: 'refresh_invalid' })
    expect(alice.looks.sessions).toBe(0)
    await alice.end()
  },
)

test('a forged token of the right form is refused like one of a session that never was, and ends nothing', async () => {
  const alice = await counted()
  const other = partsOf((await alice.login()).refresh_token)
  const [sid, generation, mac] = partsOf(await rotated(alice, alice.tokens.refresh_token))
  const flipped = `${mac[0] === 'A' ? 'B' : 'A'}${mac.slice(1)}`
  const forged = [
    `${sid}.${generation}.${other[2]}`,
    `${sid}.0.${mac}`,
    `${sid}.2.${mac}`,
    `${sid}.999999999.${mac}`,
    `${sid}.${generation}.${flipped}`,
    `${sid}.${generation}.${'A'.repeat(43)}`,
    `${other[0]}.${generation}.${mac}`,
    `${'A'.repeat(22)}.${generation}.${mac}`,
  ]
  const answers = []
  for (const token of forged) answers.push((await alice.refresh(token)).text)
  expect(new Set(answers).size).toBe(1)
  expect(JSON.parse(answers[0] as string)).toMatchObject({ status: 401, code: 'refresh_invalid' })
  for (const token of [`${sid}.${generation}.${mac}`, other.join('.')])
    expect((await alice.refresh(token)).status).toBe(200)
  await alice.end()
})

test('the refresh token of one user beside the access token of another is refused, and both go on (case 151)', async () => {
  const alice = await world()
  const bob = await alice.auth.users.create({ username: 'bob', password: 'another good password' })
  const his = await alice.auth.tokens.issue(bob)
  expect(said(await alice.refresh(alice.tokens.refresh_token, his.access))).toEqual([401, 'refresh_invalid'])
  expect(said(await alice.refresh(his.refresh, alice.tokens.access_token))).toEqual([401, 'refresh_invalid'])
  // Of another session of the same user as well.
  const second = await alice.auth.tokens.issue(alice.user)
  expect(said(await alice.refresh(second.refresh, alice.tokens.access_token))).toEqual([401, 'refresh_invalid'])
  expect((await alice.refresh(his.refresh, his.access)).status).toBe(200)
  expect((await alice.refresh(alice.tokens.refresh_token, alice.tokens.access_token)).status).toBe(200)
  await alice.end()
})

test('a refresh token of another issuer over the same store is good, one of another secret is not', async () => {
  const alice = await counted()
  const [sid, , mac] = partsOf(alice.tokens.refresh_token)
  const elsewhere = await counted()
  expect(said(await elsewhere.refresh(`${sid}.0.${mac}`))).toEqual([401, 'refresh_invalid'])
  await elsewhere.end()
  await alice.end()
})
