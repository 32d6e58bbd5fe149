/** An issuer for a benchmark: it publishes one RSA key, signs with it, and counts how often it is asked. */
import { createPublicKey, randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { localCertificate } from '../../examples/lib/certificate.mjs'
import { issuer, makeClaims, makeKeys, makeToken } from './tokens.mjs'

const KID = 'bench'
const DIFFERENT = 64

/**
 * Calls `work` with `facts`, what a candidate has to know, `asked()`, and `junk()`, a token with the name of a key that nobody has, another one each time.
 * `secure`: it speaks https, as production wants it, and `trust` is the environment in which Node takes its certificate.
 */
export async function withIssuer(work, { secure = false } = {}) {
  const keys = makeKeys('RS256')
  const jwk = { ...createPublicKey(keys.publicKey).export({ format: 'jwk' }), kid: KID, alg: 'RS256', use: 'sig' }
  let asked = 0
  let junks = 0
  const answer = (_request, response) => {
    asked++
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ keys: [jwk] }))
  }
  const certificate = secure ? localCertificate() : undefined
  const server = certificate ? createSecureServer(certificate, answer) : createServer(answer)
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-bench-'))
  const trust = certificate ? { NODE_EXTRA_CA_CERTS: join(folder, 'certificate.pem') } : {}
  if (certificate) writeFileSync(trust.NODE_EXTRA_CA_CERTS, certificate.cert)
  await new Promise((done) => server.listen(0, '127.0.0.1', done))
  const name = `${secure ? 'https' : 'http'}://127.0.0.1:${server.address().port}/`
  const tokens = Array.from({ length: DIFFERENT }, (_, n) => token(`user-${n}`))
  const [, payload, signature] = tokens[0].split('.')
  try {
    await work({ facts: { tokens, name, jwksUrl: `${name}jwks.json` }, asked: () => asked, junk, trust })
  } finally {
    server.closeAllConnections()
    server.close()
    rmSync(folder, { recursive: true, force: true })
  }

  function token(sub) {
    return makeToken('RS256', keys, { ...makeClaims(), iss: name, aud: issuer, sub }, { kid: KID })
  }

  function junk() {
    const header = { alg: 'RS256', typ: 'JWT', kid: `${randomBytes(8).toString('base64url')}-${junks++}` }
    return `${Buffer.from(JSON.stringify(header)).toString('base64url')}.${payload}.${signature}`
  }
}
