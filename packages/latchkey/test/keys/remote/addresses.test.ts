/** Which addresses are connected to, and that a name is looked up once: what was checked is what is connected to (case 119). */
import type { LookupAddress } from 'node:dns'
import { expect, test } from 'vitest'
import { checkedLookup, permitted, type Resolve } from '../../../src/keys/addresses.js'

const strangers = permitted(false)
const neighbours = permitted(true)

const publicOnes = ['8.8.8.8', '93.184.216.34', '172.15.255.255', '172.32.0.0', '100.63.255.255', '100.128.0.0']
const public6 = ['2606:4700:4700::1111', '2a00:1450:4001:82a::200e', '::ffff:8.8.8.8', '64:ff9b::808:808']
const own = ['127.0.0.1', '127.255.255.254', '10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.1.1', '100.64.0.1']
const own6 = ['::1', 'fc00::1', 'fd12:3456:789a::1', '::ffff:127.0.0.1', '::ffff:7f00:1', '::ffff:10.0.0.1']
const translated = ['64:ff9b::127.0.0.1', '64:ff9b::a00:1', '64:ff9b::c0a8:101', '0:0:0:0:0:ffff:7f00:0001']
const nobody = ['0.0.0.0', '0.1.2.3', '169.254.169.254', '169.254.0.1', '192.0.0.8', '192.0.2.1', '198.51.100.1']
const nobody4 = ['203.0.113.9', '224.0.0.1', '239.255.255.255', '240.0.0.1', '255.255.255.255', '192.88.99.1']
const nobody6 = ['::', 'fe80::1', 'fe80::1%eth0', 'fec0::1', 'ff02::1', '2001:db8::1', '2002:7f00:1::1', '2001::1']
const odd6 = ['::ffff:169.254.169.254', '64:ff9b::169.254.169.254', '64:ff9b:1::1', '::127.0.0.1', '100::1', '3fff::1']
const noAddress = ['', 'localhost', '127.1', '2130706433', '0177.0.0.1', '0x7f000001', '8.8.8.8 ', '[::1]', '1.2.3.4.5']

test.each([...publicOnes, ...public6])('%s may be connected to', (address) => {
  expect([strangers(address), neighbours(address)]).toEqual([true, true])
})

test.each([...own, ...own6, ...translated])('case 119: %s only where networks of our own are allowed', (address) => {
  expect([strangers(address), neighbours(address)]).toEqual([false, true])
})

test.each([...nobody, ...nobody4, ...nobody6, ...odd6, ...noAddress])('case 119: %j never', (address) => {
  expect([strangers(address), neighbours(address)]).toEqual([false, false])
})

/** A resolver that gives another answer each time, as one does that belongs to an attacker. */
function answering(...all: readonly (readonly string[])[]): Resolve & { readonly asked: number } {
  let asked = 0
  const resolve: Resolve = (_, done) => {
    const addresses = all[Math.min(asked++, all.length - 1)] ?? []
    const found = addresses.map((address): LookupAddress => ({ address, family: address.includes(':') ? 6 : 4 }))
    done(null, found)
  }
  return Object.defineProperty(resolve, 'asked', { get: () => asked }) as Resolve & { asked: number }
}

const look = (resolve: Resolve, options: { readonly all?: boolean } = {}) =>
  new Promise((found, failed) => {
    checkedLookup(strangers, resolve)('issuer.test', options, (error, address, family) => {
      if (error) failed(error)
      else found(options.all ? address : { address, family })
    })
  })

test('case 119: a name gives its public addresses only, in either form that sockets ask for', async () => {
  const mixed = ['127.0.0.1', '8.8.8.8', '::1', '2606:4700:4700::1111', '169.254.169.254']
  expect(await look(answering(mixed))).toEqual({ address: '8.8.8.8', family: 4 })
  expect(await look(answering(mixed), { all: true })).toEqual([
    { address: '8.8.8.8', family: 4 },
    { address: '2606:4700:4700::1111', family: 6 },
  ])
})

test.each(['127.0.0.1', '::1', '10.1.2.3', '::ffff:127.0.0.1', '169.254.169.254'])(
  'case 119: a name for %s leads nowhere',
  async (address) => {
    await expect(look(answering([address]))).rejects.toThrow('issuer.test has no public address')
    await expect(look(answering([address]), { all: true })).rejects.toThrow('issuer.test has no public address')
  },
)

test('case 119: a name that changes its mind between check and connection is asked once only', async () => {
  const rebinding = answering(['8.8.8.8'], ['127.0.0.1'])
  expect(await look(rebinding)).toEqual({ address: '8.8.8.8', family: 4 })
  expect(rebinding.asked).toBe(1)
})

test('a name that cannot be resolved fails as the system says', async () => {
  await expect(look((_, done) => done(new Error('ENOTFOUND'), []))).rejects.toThrow('ENOTFOUND')
  await expect(look(answering([]))).rejects.toThrow('no public address')
})
