/** What `oneCookie` and `splitCookies` were told, checked: a name or domain that browsers drop would be a login that never works. */
import { invalid, text } from '../util/checks.js'

/** Throws `options_invalid` with the path of what is wrong. */
export function checkCookieOptions(options: unknown): void {
  const { names, domain, formerly } = known('transports', options, ['names', 'sameSite', 'domain', 'formerly'])
  if (names !== undefined) {
    const all = known('transports.names', names, ['access', 'refresh', 'csrf'])
    for (const [which, name] of Object.entries(all))
      if (name !== undefined) checkName(`transports.names.${which}`, name)
  }
  if (domain !== undefined) text('transports.domain', domain)
  if (formerly === undefined) return
  if (!Array.isArray(formerly)) throw invalid('transports.formerly', 'must be a list')
  for (const [at, one] of formerly.entries()) {
    const path = `transports.formerly[${at}]`
    const members = Object.entries(known(path, one, ['access', 'refresh', 'csrf', 'domain', 'path']))
    for (const [which, value] of members) if (value !== undefined) text(`${path}.${which}`, value)
  }
}

/** Throws `options_invalid` for cookies of a domain that the host is not part of: browsers drop them. */
export function checkDomains(cookies: readonly string[], host: string): void {
  for (const line of cookies) {
    const domain = /; Domain=([^;]*)/.exec(line)?.[1]?.toLowerCase()
    if (domain === undefined || host === domain) continue
    if (!domain.includes('.') || !host.endsWith(`.${domain}`)) {
      throw invalid('transports.domain', `must be the host of the origin, ${host}, or a domain above it`)
    }
  }
}

function checkName(path: string, name: unknown): void {
  if (/^__(?:host|secure|http|host-http)-/i.test(text(path, name))) throw invalid(path, 'must be without its prefix')
}

function known(path: string, value: unknown, members: readonly string[]): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw invalid(path, 'must be an object')
  const stranger = Object.keys(value).find((name) => !members.includes(name))
  if (stranger !== undefined) throw invalid(`${path}.${stranger}`, 'is not known')
  return value as Readonly<Record<string, unknown>>
}
