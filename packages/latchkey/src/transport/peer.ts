/** The client's address: the other end of the socket, or what configured proxies say of it in `X-Forwarded-For`. */
import { BlockList, isIP } from 'node:net'
import { AuthError } from '../errors.js'
import { canonicalAddress } from '../users/address.js'
import { createCache } from '../util/cache.js'
import type { Peer, RequestHead } from './head.js'

/** Proxies that are believed: how many stand in front, or which addresses they have. `0` and an empty list: none. */
export type TrustProxy = number | BlockList

/**
 * Reads the option: a number of hops, or addresses and ranges such as `10.0.0.0/8`.
 * Throws `options_invalid` with the path of an entry that is neither.
 */
export function trustProxy(option: number | readonly string[] = 0): TrustProxy {
  if (typeof option === 'number') {
    if (Number.isSafeInteger(option) && option >= 0) return option
    throw unusable('trustProxy')
  }
  const list = new BlockList()
  for (const [i, range] of option.entries()) add(list, range, `trustProxy[${i}]`)
  return list
}

/**
 * The address of the client, in its one spelling. Only `X-Forwarded-For` is read, from the right, and only as far as
 * proxies are trusted: `Forwarded` and `X-Real-IP` are ignored, because a proxy that does not write them passes on
 * what the client wrote.
 */
export function clientAddress(remote: string | undefined, head: RequestHead, trusted: TrustProxy): string | undefined {
  let address = remote === undefined ? undefined : canonicalAddress(remote)
  if (trusted === 0) return address
  const hops = (head.header('x-forwarded-for') ?? '').split(',')
  for (let hop = 0; hops.length > 0 && believed(address, hop, trusted); hop += 1) {
    const next = canonicalAddress(hops.pop() as string)
    // What cannot be read was not written by a proxy of ours: the last one that is known stands for it.
    if (next === undefined) break
    address = next
  }
  return address
}

/** Makes the function that tells who is at the other end of a socket; it reads the address when somebody asks for it. */
export function createPeers(trusted: TrustProxy): (remote: string | undefined, head: RequestHead) => Peer {
  // Without proxies the socket alone decides, and the few that are open are the same for many requests.
  const known = createCache<string, Peer>(1_000)
  return (remote, head) => {
    if (trusted !== 0 || remote === undefined) return lazily(() => clientAddress(remote, head, trusted))
    const seen = known.get(remote)
    if (seen) return seen
    const peer = { address: clientAddress(remote, head, trusted) }
    known.set(remote, peer)
    return peer
  }
}

// Most guards never ask, and finding the address of a client behind proxies costs more than verifying a token that is known.
const lazily = (find: () => string | undefined): Peer => ({
  get address() {
    return find()
  },
})

function believed(address: string | undefined, hop: number, trusted: TrustProxy): boolean {
  if (typeof trusted === 'number') return hop < trusted
  return address !== undefined && trusted.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4')
}

function add(list: BlockList, range: string, path: string): void {
  const [, text = '', bits] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(range) ?? []
  const address = canonicalAddress(text)
  // `::ffff:10.0.0.0/104` would silently become a range of 104 bits of IPv4.
  if (address === undefined || isIP(text) !== isIP(address)) throw unusable(path)
  const whole = isIP(address) === 6 ? 128 : 32
  const prefix = bits === undefined ? whole : Number(bits)
  if (prefix > whole) throw unusable(path)
  list.addSubnet(address, prefix, whole === 128 ? 'ipv6' : 'ipv4')
}

const unusable = (path: string): AuthError =>
  new AuthError('options_invalid', {
    hint: `${path}: expected a number of hops, or addresses and ranges like '10.0.0.0/8'`,
    problems: [{ path, rule: 'format', message: 'Neither a number of hops nor addresses and ranges.' }],
  })
