/** Who sends the queries: a login by REST, its tokens in memory, renewed before they expire. Runs in browsers. */
/// <reference lib="dom" />

interface Pair {
  readonly access_token: string
  readonly refresh_token?: string
  readonly expires_in: number
  readonly user: { readonly username?: string; readonly id: string }
}

interface Held {
  readonly pair: Pair
  readonly renewAt: number
}

let held: Held | undefined

/** Logs in; answers the name to show. Throws an error with the server's sentence. */
export async function login(username: string, password: string): Promise<string> {
  return hold(await post('/auth/login', { username, password }))
}

/** Ends the session; the tokens are forgotten whatever the server says. */
export async function logout(): Promise<void> {
  const token = held?.pair.access_token
  held = undefined
  if (token !== undefined) await fetch('/auth/logout', { method: 'POST', headers: bearer(token) })
}

/** The access token of the login, fresh; `undefined` for nobody. */
export async function accessToken(): Promise<string | undefined> {
  if (held?.pair.refresh_token !== undefined && Date.now() > held.renewAt) {
    const { refresh_token } = held.pair
    held = undefined
    hold(await post('/auth/refresh', { refresh_token }))
  }
  return held?.pair.access_token
}

export const bearer = (token: string): Record<string, string> => ({ authorization: `Bearer ${token}` })

function hold(pair: Pair): string {
  // Ten seconds early, so that no query arrives with a token that died on the way.
  held = { pair, renewAt: Date.now() + (pair.expires_in - 10) * 1000 }
  return pair.user.username ?? pair.user.id
}

async function post(path: string, body: object): Promise<Pair> {
  const headers = { 'content-type': 'application/json' }
  const response = await fetch(path, { method: 'POST', headers, body: JSON.stringify(body) })
  const answer = (await response.json()) as Pair & { readonly title?: string }
  if (!response.ok) throw new Error(answer.title ?? `The server answered ${response.status}.`)
  return answer
}
