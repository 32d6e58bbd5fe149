/** Where an issuer says that its keys are: OpenID Connect Discovery 1.0 section 4, RFC 8414 sections 3 and 3.3. */

/**
 * The URLs under which an issuer's description may lie: OpenID's, then that of RFC 8414. Throws an `Error` for what cannot be the name of an issuer
 * with a description.
 */
export function descriptionUrls(issuer: string): readonly string[] {
  if (!URL.canParse(issuer)) throw new Error('the issuer is not a URL, so it has no description to be found')
  const { origin, pathname, search, hash } = new URL(issuer)
  if (search !== '' || hash !== '') throw new Error('an issuer with a query or a fragment has no description')
  const path = pathname.replace(/\/+$/, '')
  return [
    `${origin}${path}/.well-known/openid-configuration`,
    `${origin}/.well-known/oauth-authorization-server${path}`,
  ]
}

/** The `jwks_uri` of a description. Throws an `Error` unless the description is of exactly this issuer. */
export function keysUrl(description: unknown, issuer: string): string {
  if (typeof description !== 'object' || description === null || Array.isArray(description)) {
    throw new Error('the description of the issuer is not an object')
  }
  const { issuer: named, jwks_uri: url } = description as { readonly issuer?: unknown; readonly jwks_uri?: unknown }
  // Compared as text: whoever may publish on one host must not speak for another (RFC 8414 section 6.2).
  if (named !== issuer) throw new Error('the description is of another issuer')
  if (typeof url !== 'string') throw new Error('the description of the issuer has no jwks_uri')
  return url
}
