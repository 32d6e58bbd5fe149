/** Services with one thing wrong each, as they are written every day; the attack has to name it. */
import { createHmac } from 'node:crypto'
import jsonwebtoken from 'jsonwebtoken'
import type { FakeIssuer } from '../../src/testing/index.js'

/** Whether a token is let in. Throws for one that is not, or answers false. */
export type Verifier = (token: string, issuer: FakeIssuer) => unknown

const AUDIENCE = 'https://api.example.com'

const expected = (issuer: FakeIssuer) => ({ algorithms: ['ES256'], audience: AUDIENCE, issuer: issuer.url })

const header = (token: string) => part(token, 0)
const claims = (token: string) => part(token, 1)
const part = (token: string, at: number): Record<string, unknown> =>
  JSON.parse(Buffer.from(token.split('.')[at] ?? '', 'base64url').toString())

/** What was written, and the class that must be among the findings. */
export const planted: Readonly<Record<string, { readonly verify: Verifier; readonly classes: readonly string[] }>> = {
  'jsonwebtoken with its defaults': {
    verify: (token, issuer) => jsonwebtoken.verify(token, issuer.verifyKey),
    classes: [
      'missing-audience',
      'wrong-audience',
      'wrong-issuer',
      'missing-exp',
      'refresh-as-access',
      'duplicate-member',
    ],
  },
  '`decode` where `verify` was meant': {
    verify: (token) => jsonwebtoken.decode(token),
    classes: [
      'alg-none',
      'wrong-key',
      'hs-with-public-key',
      'psychic-signature',
      'flipped-bit',
      'expired',
      'embedded-jwk',
    ],
  },
  'refresh tokens taken': {
    verify: (token, issuer) => jsonwebtoken.verify(token, issuer.verifyKey, expected(issuer)),
    classes: ['refresh-as-access', 'other-typ'],
  },
  'no audience': {
    verify: (token, issuer) =>
      jsonwebtoken.verify(token, issuer.verifyKey, { algorithms: ['ES256'], issuer: issuer.url }),
    classes: ['missing-audience', 'wrong-audience', 'audience-of-others'],
  },
  'the algorithm is that of the token, and the key is text': {
    verify(token, issuer) {
      if (header(token).alg !== 'HS256') return strict(token, issuer)
      const [input, signature] = [token.slice(0, token.lastIndexOf('.')), token.slice(token.lastIndexOf('.') + 1)]
      return createHmac('sha256', issuer.verifyKey).update(input).digest('base64url') === signature
    },
    classes: ['hs-with-public-key'],
  },
  'a token that says it is not signed needs no signature': {
    verify: (token, issuer) => String(header(token).alg).toLowerCase() === 'none' || strict(token, issuer),
    classes: ['alg-none', 'alg-none-spelled'],
  },
  'nobody looks when it expires': {
    verify: (token, issuer) =>
      jsonwebtoken.verify(token, issuer.verifyKey, { ...expected(issuer), ignoreExpiration: true }),
    classes: ['expired', 'missing-exp'],
  },
}

/** Everything that the others leave out is looked at here, as far as it is planted. */
const strict: Verifier = (token, issuer) => {
  const { typ } = header(token)
  if (typ !== 'at+jwt' || claims(token).sub !== 'test-user') throw new Error('not for here')
  return jsonwebtoken.verify(token, issuer.verifyKey, expected(issuer))
}
