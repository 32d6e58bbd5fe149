/** The cookies of a visitor, as a browser keeps them: just enough of one to count what every answer sets. */

/** Follows nothing, keeps every cookie, and answers the response with its text and the names of the cookies that it set. */
export function visitor(base) {
  const jar = new Map()

  async function get(path, { keep = true, ...init } = {}) {
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
    const headers = { ...(cookie && { cookie }), ...init.headers }
    const response = await fetch(base + path, { ...init, headers, redirect: 'manual' })
    const set = response.headers.getSetCookie().map((line) => {
      const [pair, ...attributes] = line.split('; ')
      const [name, value] = [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]
      return { name, value, isGone: attributes.includes('Max-Age=0') }
    })
    for (const { name, value, isGone } of keep ? set : []) {
      if (isGone) jar.delete(name)
      else jar.set(name, value)
    }
    return { status: response.status, headers: response.headers, text: await response.text(), set }
  }

  return { jar, get, value }

  /** The value of the cookie whose name ends so. */
  function value(end) {
    return [...jar].find(([name]) => name.endsWith(end))?.[1]
  }
}

/** The claims of an access token, unverified: whoever tests wants to know which one it is. */
export const claimsOf = (token) => JSON.parse(Buffer.from(token.split('.')[1], 'base64url').toString())

/** How many times a session was refreshed: its refresh token says so. */
export const generationOf = (refreshToken) => Number(refreshToken.split('.')[1])
