/** Which addresses we connect to for somebody else, and a name look-up that hands out no others: what was checked is what is connected to. */
import { type LookupAddress, lookup } from 'node:dns'
import { BlockList, isIP, type LookupFunction } from 'node:net'

/** Whether an address may be connected to. */
export type Permits = (address: string) => boolean

/** All addresses of a name, as `dns.lookup` finds them. */
export type Resolve = (host: string, done: (error: Error | null, all: readonly LookupAddress[]) => void) => void

type Range = readonly [network: string, bits: number]

/** Networks of one's own: loopback, RFC 1918, RFC 6598 (carriers), RFC 2544 (laboratories, and some VPNs). */
const privateRanges: readonly Range[] = [
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
]

/** No issuer lives here (RFC 6890): this host, link-local (the metadata of clouds), documentation, relays, multicast, reserved. */
const deadRanges: readonly Range[] = [
  ['0.0.0.0', 8],
  ['169.254.0.0', 16],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
]

/** IPv4 inside IPv6: mapped, and translated at the edge of the network (RFC 6052), where it is an IPv4 address again. */
const carriers = ['::ffff:', '64:ff9b::']

const ownNetworks = listOf(privateRanges, [
  ['::1', 128],
  ['fc00::', 7],
])
const dead = listOf(deadRanges, [
  // Within the global range: tunnels, which carry any address (Teredo, 6to4), and documentation.
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
])
// Of IPv6 only what is known to be global is taken; everything else is something that nobody has thought of yet.
const global6 = listOf(
  [],
  [
    ['2000::', 3],
    ['::ffff:0:0', 96],
    ['64:ff9b::', 96],
  ],
)

/** Public addresses; with `allowPrivate` those of one's own networks too, and never link-local or reserved ones. */
export const permitted =
  (allowPrivate: boolean): Permits =>
  (address) => {
    const version = isIP(address)
    if (version === 0) return false
    const type = version === 6 ? 'ipv6' : 'ipv4'
    if (dead.check(address, type)) return false
    if (ownNetworks.check(address, type)) return allowPrivate
    return version === 4 || global6.check(address, type)
  }

/** A `lookup` for sockets. It asks once for each connection and answers permitted addresses only, so no second answer can differ. */
export function checkedLookup(permits: Permits, resolve: Resolve = bySystem): LookupFunction {
  return (host, options, done) => {
    resolve(host, (error, all) => {
      const usable = error === null ? all.filter(({ address }) => permits(address)) : []
      const [first] = usable
      if (first === undefined) done(error ?? new Error(`${host} has no public address`), '', 0)
      else if (options.all === true) done(null, usable)
      else done(null, first.address, first.family)
    })
  }
}

const bySystem: Resolve = (host, done) => lookup(host, { all: true }, (error, all) => done(error, all ?? []))

function listOf(v4: readonly Range[], v6: readonly Range[]): BlockList {
  const list = new BlockList()
  for (const [network, bits] of v4) {
    list.addSubnet(network, bits, 'ipv4')
    for (const carrier of carriers) list.addSubnet(`${carrier}${network}`, 96 + bits, 'ipv6')
  }
  for (const [network, bits] of v6) list.addSubnet(network, bits, 'ipv6')
  return list
}
