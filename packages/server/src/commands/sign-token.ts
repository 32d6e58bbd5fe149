/** `latchkey token issue --key`: signs any claims with a key of one's own, as another issuer does; asks no store. */
import { type Claims, signJws } from 'latchkey/jwt'
import { usage } from '../cli/failure.js'
import type { PassphraseOptions } from '../cli/passphrase.js'
import { date } from '../cli/table.js'
import type { Answer, Task } from '../cli/task.js'
import { readSigningKey } from './private-key.js'

export interface SignOptions extends PassphraseOptions {
  readonly key: string
  readonly claim?: readonly string[]
  readonly algorithm?: string
  readonly expires?: string
  /** The same option as the server's own issuer: whoever signs with a key of their own is another one. */
  readonly issuer?: string
  readonly audience?: string
  readonly subject?: string
  readonly kid?: string
  readonly typ?: string
}

export async function signToken({ options, io }: Pick<Task<SignOptions>, 'options' | 'io'>): Promise<Answer> {
  const claims = claimsOf(options, io.clock())
  const key = await readSigningKey(options.key, options.algorithm, options, io)
  const token = signJws({ kid: options.kid, typ: options.typ ?? 'JWT' }, claims, key)
  const { exp } = claims
  io.err(typeof exp === 'number' ? `expires ${date(Math.floor(exp))}\n` : '')
  return { value: { token, algorithm: key.alg, claims }, text: `${token}\n` }
}

function claimsOf({ claim = [], expires = '1h', issuer, audience, subject }: SignOptions, now: number): Claims {
  const given = Object.fromEntries(claim.map(readClaim))
  return {
    ...(issuer !== undefined && { iss: issuer }),
    ...(subject !== undefined && { sub: subject }),
    ...(audience !== undefined && { aud: audience }),
    ...given,
    // What is said as a claim is said on purpose, also where no issuer would say it.
    ...(!('exp' in given) && { exp: now + secondsOf(expires) }),
    ...(!('iat' in given) && { iat: now }),
  }
}

/** `username=hello` is text, `level:=5` is JSON. */
function readClaim(text: string): [string, unknown] {
  const [, name, how, value = ''] = /^([^=]+?)(:?=)(.*)$/s.exec(text) ?? []
  if (name === undefined) throw usage('A claim is name=text or name:=json.', "such as 'username=hello' or 'level:=5'")
  if (how === '=') return [name, value]
  try {
    return [name, JSON.parse(value)]
  } catch {
    throw usage(`The claim ${name.slice(0, 64)} is not JSON.`, `text has one sign less: ${name.slice(0, 64)}=...`)
  }
}

const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400 }

function secondsOf(text: string): number {
  const [, digits, unit = 's'] = /^(\d{1,9})([smhd])?$/.exec(text) ?? []
  if (digits === undefined) throw usage("--expires takes whole seconds, or a duration such as '15m', '1h' or '30d'.")
  return Number(digits) * (UNITS[unit] as number)
}
