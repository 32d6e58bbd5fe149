/** Tokens that were issued a moment ago, signed again with other claims. */
import { signJws } from '../jwt/jws.js'
import type { Key } from '../jwt/key.js'
import { claimsOf, partOf } from './caller.js'
import { type Defect, defects } from './defects.js'

/** The same token with some claims changed; `undefined` takes one away. */
export function changed(token: string, changes: Readonly<Record<string, unknown>>, key: Key): string {
  return signJws(headerOf(token), { ...claimsOf(token), ...changes }, key)
}

/** Every defective token that can be made of a good one. */
export function defectsOf(token: string, key: Key, maxLifetime?: number): readonly Defect[] {
  const { typ } = partOf(token, 0)
  const claims = claimsOf(token)
  return defects({
    key,
    claims,
    // Issued a moment ago, by the clock of whoever verifies it.
    now: Number(claims.iat),
    header: headerOf(token),
    // A token that does not say what it is is one of a system where all are alike.
    typ: typeof typ === 'string' ? typ : 'JWT',
    ...(maxLifetime !== undefined && { maxLifetime }),
  })
}

/** In its order. A header without `kid` stays so, whatever the key is called. */
function headerOf(token: string): Readonly<Record<string, unknown>> {
  const header = partOf(token, 0)
  return 'kid' in header ? header : { ...header, kid: undefined }
}
