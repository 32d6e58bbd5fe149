/** The URL of a PostgreSQL database: one server, or several of which one is the primary. */
import { AuthError } from '../../errors.js'

const AUTHORITY = /^(postgres(?:ql)?:\/\/(?:[^@/?#]*@)?)([^@/?#,][^@/?#]*)([/?].*)?$/

/**
 * One URL for each host of `postgres://user@a:5432,b:5432/name`, in order. Throws `options_invalid` for what is none of
 * these, and for `target_session_attrs` that would allow a standby. The URL holds a password: no message repeats it.
 */
export function serversOf(url: string): readonly string[] {
  const [, scheme = '', hosts = '', rest = ''] = AUTHORITY.exec(url) ?? []
  const servers = hosts.split(',').map((host) => `${scheme}${host}${rest}`)
  if (scheme === '' || !servers.every((server) => URL.canParse(server) && new URL(server).hostname !== ''))
    throw invalid('postgres://user:password@host:port/name, with several hosts separated by commas')
  return servers.map(primaryOnly)
}

/** What a library of another language may ask for and we do always. */
function primaryOnly(server: string): string {
  const parsed = new URL(server)
  const wanted = parsed.searchParams.get('target_session_attrs')
  if (wanted !== null && wanted !== 'primary' && wanted !== 'read-write')
    throw invalid('with target_session_attrs=primary: what a standby says may be out of date')
  parsed.searchParams.delete('target_session_attrs')
  return wanted === null ? server : parsed.href
}

const invalid = (rule: string): AuthError => new AuthError('options_invalid', { hint: `database must be ${rule}` })
