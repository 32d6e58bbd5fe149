/** Defective tokens by name: one or more for every case of the security catalogue that a token can be, for any door. */
import { algorithmDefects } from './defects/algorithm.js'
import { claimDefects } from './defects/claims.js'
import { encodingDefects } from './defects/encoding.js'
import { type Defect, type DefectContext, forger, good } from './defects/forge.js'
import { headerDefects } from './defects/header.js'
import { signatureDefects } from './defects/signature.js'

export { type Danger, type DefectClass, type DefectClassInfo, defectClasses } from './defects/classes.js'
export type { Defect, DefectContext } from './defects/forge.js'

/**
 * The table for one key and one good set of claims. An entry without codes must be accepted: the good token itself and a few that
 * only look dangerous.
 *
 * @example
 * ```ts
 * import { generateKey } from 'latchkey/jwt'
 * import { defects } from 'latchkey/testing'
 * const now = Math.floor(Date.now() / 1000)
 * const claims = { iss: 'https://api.example.com', aud: 'https://api.example.com', sub: '1', iat: now, exp: now + 300 }
 * for (const { name, token, codes, sendable } of defects({ key: generateKey('ES256'), claims, now })) {
 *   if (!sendable) continue
 *   const response = await fetch('http://localhost:4180/auth/me', { headers: { authorization: `Bearer ${token}` } })
 *   console.log(name, response.ok === (codes.length === 0))
 * }
 * ```
 */
export function defects(context: DefectContext): readonly Defect[] {
  if (context.key.material.type === 'public')
    throw new TypeError('defects() needs a secret or a private key: it signs most of them')
  const forge = forger(context)
  return [
    good(0, 'the good token', forge.claims({})),
    ...algorithmDefects(context, forge),
    ...headerDefects(context, forge),
    ...encodingDefects(context, forge),
    ...signatureDefects(context, forge),
    ...claimDefects(context, forge),
  ]
}
