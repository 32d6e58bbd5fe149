/** Latchkey's door `latchkey/jwt`, with every strict check on. */
import { checkClaims, createSigner, expectations, importKey, parseJws, verifyJws } from 'latchkey/jwt'
import { issuer } from '../../lib/tokens.mjs'

export function verifying({ alg, keys }) {
  const key = importKey(keys.secret ? { secret: keys.secret } : { pem: keys.publicKey }, alg)
  const expect = expectations({
    iss: issuer,
    audience: [issuer],
    typ: ['JWT'],
    required: ['iss', 'sub', 'exp', 'iat', 'jti', 'sid'],
    maxLifetime: 3600,
  })
  return (token) => {
    const jws = parseJws(token)
    const claims = verifyJws(jws, key)
    checkClaims(claims, jws.header, expect, Math.floor(Date.now() / 1000))
    return claims
  }
}

export const signing = ({ alg, keys }) =>
  createSigner(importKey(keys.secret ? { secret: keys.secret } : { pem: keys.privateKey }, alg), { typ: 'JWT' })
