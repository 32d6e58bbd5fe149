/** Network addresses in one spelling each, and the bucket that one customer of a provider can fill. */
import { isIP, SocketAddress } from 'node:net'

/**
 * The one spelling of an address: IPv6 shortened and in lower case, IPv4 inside IPv6 as IPv4, no zone, no port, no brackets.
 * `undefined` if it is none.
 */
export function canonicalAddress(text: string): string | undefined {
  const bare = withoutPort(text.trim())
  const version = isIP(bare)
  if (version === 4) return bare
  if (version !== 6) return undefined
  const { address } = new SocketAddress({ address: bare, family: 'ipv6' })
  return address.startsWith('::ffff:') && address.includes('.') ? address.slice(7) : address
}

/** What limits count by: an IPv4 address, or the /64 of an IPv6 address. Text that is no address is a bucket of its own. */
export function addressBucket(address: string): string {
  const canonical = canonicalAddress(address)
  if (canonical === undefined) return 'unknown'
  if (!canonical.includes(':')) return canonical
  const [head = '', tail] = canonical.split('::')
  const groups = head === '' ? [] : head.split(':')
  if (tail !== undefined) {
    const right = tail === '' ? [] : tail.split(':')
    // An embedded IPv4 address is two groups, and the last two: the /64 does not see it.
    const width = right.length + (tail.includes('.') ? 1 : 0)
    groups.push(...Array<string>(8 - groups.length - width).fill('0'), ...right)
  }
  return `${groups.slice(0, 4).join(':')}::/64`
}

// Proxies write '1.2.3.4:56' and '[2001:db8::1]:56' too.
function withoutPort(text: string): string {
  const bracketed = /^\[([^\]]*)\](?::\d{1,5})?$/.exec(text)
  if (bracketed) return bracketed[1] as string
  return /^[\d.]+:\d{1,5}$/.test(text) ? text.slice(0, text.indexOf(':')) : text
}
