/** What the readable half of an access token says: a hint for the page, which proves nothing. */

export interface ReadClaims {
  readonly [name: string]: unknown
  readonly sub: string
}

/** The claims of `header.payload` or of a whole token; `undefined` for what is neither. */
export function claimsOf(text: string): ReadClaims | undefined {
  try {
    const payload = text.split('.')[1] as string
    const bytes = Uint8Array.from(atob(payload.replace(/-/g, '+').replace(/_/g, '/')), (one) => one.charCodeAt(0))
    const claims = JSON.parse(new TextDecoder().decode(bytes))
    return typeof claims?.sub === 'string' ? claims : undefined
  } catch {
    return undefined
  }
}
