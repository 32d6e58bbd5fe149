/** Promises about the client's address: believed from configured proxies only, and counted in one spelling. */
import { describe, expect, test } from 'vitest'
import { clientAddress, trustProxy } from '../../src/transport/peer.js'
import { addressBucket, canonicalAddress } from '../../src/users/address.js'
import { headWith } from '../users/fixtures.js'

const forwarded = (value: string) => headWith({ 'x-forwarded-for': value })

describe('case 205: whose word is taken', () => {
  const proxies = ['10.0.0.0/8', '2001:db8:1::/48', '192.0.2.9']
  test.each<[string, number | string[], string, string | undefined, string | undefined]>([
    ['nobody, by default', 0, '198.51.100.1', '203.0.113.7', '198.51.100.1'],
    ['nobody, with an empty list', [], '198.51.100.1', '203.0.113.7', '198.51.100.1'],
    ['one hop', 1, '10.0.0.1', '203.0.113.66, 203.0.113.7', '203.0.113.7'],
    ['two hops', 2, '10.0.0.1', '6.6.6.6, 203.0.113.7, 10.0.0.2', '203.0.113.7'],
    ['two hops and one entry', 2, '10.0.0.1', '203.0.113.7', '203.0.113.7'],
    ['one hop and no header', 1, '10.0.0.1', undefined, '10.0.0.1'],
    ['a peer that is no proxy', proxies, '198.51.100.1', '203.0.113.7', '198.51.100.1'],
    ['a proxy', proxies, '10.0.0.1', '6.6.6.6, 203.0.113.7', '203.0.113.7'],
    ['two proxies', proxies, '192.0.2.9', '6.6.6.6, 203.0.113.7, 10.1.2.3', '203.0.113.7'],
    ['a proxy that writes IPv4 inside IPv6', proxies, '::ffff:10.0.0.1', '::ffff:203.0.113.7', '203.0.113.7'],
    ['an IPv6 proxy', proxies, '2001:DB8:1::5', '2001:db8:2::7', '2001:db8:2::7'],
    ['proxies all the way', proxies, '10.0.0.1', '10.0.0.2, 10.0.0.3', '10.0.0.2'],
    ['an entry with a port', proxies, '10.0.0.1', '203.0.113.7:4711', '203.0.113.7'],
    ['an entry in brackets', proxies, '10.0.0.1', '[2001:db8:2::7]:4711', '2001:db8:2::7'],
    ['an entry that is no address', proxies, '10.0.0.1', '203.0.113.7, unknown', '10.0.0.1'],
    ['an empty entry', proxies, '10.0.0.1', '203.0.113.7,', '10.0.0.1'],
  ])('%s', (_, option, remote, header, expected) => {
    const head = header === undefined ? headWith() : forwarded(header)
    expect(clientAddress(remote, head, trustProxy(option))).toBe(expected)
  })

  test('Forwarded and X-Real-IP are never read', () => {
    const head = headWith({ forwarded: 'for=203.0.113.7', 'x-real-ip': '203.0.113.7' })
    expect(clientAddress('10.0.0.1', head, trustProxy(1))).toBe('10.0.0.1')
  })

  test('a socket without an address has none; behind a counted proxy (a Unix socket) the header has it', () => {
    expect(clientAddress(undefined, forwarded('203.0.113.7'), trustProxy())).toBeUndefined()
    expect(clientAddress(undefined, forwarded('203.0.113.7'), trustProxy(['10.0.0.0/8']))).toBeUndefined()
    expect(clientAddress(undefined, forwarded('203.0.113.7'), trustProxy(1))).toBe('203.0.113.7')
  })

  test.each([
    -1,
    1.5,
    Number.NaN,
    ['nonsense'],
    ['10.0.0.0/33'],
    ['2001:db8::/129'],
    ['10.0.0.0/8/8'],
    ['10.0.0.0/'],
    ['::ffff:10.0.0.0/104'],
    [''],
  ])('the option %j does not start', (option) => {
    expect(() => trustProxy(option)).toThrow(expect.objectContaining({ code: 'options_invalid' }))
  })
})

describe('case 204: one spelling', () => {
  test.each([
    '::1',
    '0:0:0:0:0:0:0:1',
    '0000:0000:0000:0000:0000:0000:0000:0001',
    '::0001',
    '0::1',
    '::0:1',
    '[::1]',
    '::1%lo',
  ])('%s is ::1', (spelling) => {
    expect(canonicalAddress(spelling)).toBe('::1')
    expect(addressBucket(spelling)).toBe(addressBucket('::1'))
  })

  test.each([
    ['1.2.3.4', '1.2.3.4'],
    ['::ffff:1.2.3.4', '1.2.3.4'],
    ['::FFFF:102:304', '1.2.3.4'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:DB8:1:2::', '2001:db8:1:2::/64'],
    ['2001:db8::5', '2001:db8:0:0::/64'],
    ['2001:db8:0:0:ffff::', '2001:db8:0:0::/64'],
    ['1::', '1:0:0:0::/64'],
    ['::', '0:0:0:0::/64'],
    ['64:ff9b::1.2.3.4', '64:ff9b:0:0::/64'],
    ['not an address', 'unknown'],
  ])('%s is counted as %s', (address, bucket) => {
    expect(addressBucket(address)).toBe(bucket)
  })

  test.each([
    '',
    '1.2.3',
    '1.2.3.4.5',
    '01.2.3.4',
    '1.2.3.4:99999999',
    'localhost',
    '1.2.3.4, 5.6.7.8',
    ':::',
    '[1.2.3.4',
  ])('%j is no address', (text) => {
    expect(canonicalAddress(text)).toBeUndefined()
  })
})
