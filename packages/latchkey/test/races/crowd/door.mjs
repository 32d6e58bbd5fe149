/** A way to ask one replica: its endpoints, and what an operator does in code. The same in this process and in another. */

/**
 * @typedef {{ method: string, path: string, token?: string, body?: object } | { act: string, given: readonly unknown[] }} Question
 * @typedef {{ status: number, body?: any }} Answer
 */

/** What claims a token carries: the permissions that the user had when it was made. */
export const claims = (user) => ({ permissions: user.permissions })

/** @returns {(question: Question) => Promise<Answer>} */
export function doorOf(auth) {
  const acts = {
    create: (input) => auth.users.create(input),
    revoke: (what) => auth.revoke(what),
    setPassword: (id, password) => auth.users.setPassword(id, password),
    disable: (id) => auth.users.disable(id),
    enable: (id) => auth.users.enable(id),
    grant: (id, permissions) => auth.users.grant(id, permissions),
    take: (id, permissions) => auth.users.take(id, permissions),
    check: async (token) => auth.tokens.checkNow(await auth.tokens.verify(token)),
  }
  return (question) => ('act' in question ? operate(question) : request(question))

  async function operate({ act, given }) {
    try {
      return { status: 200, body: await acts[act](...given) }
    } catch (error) {
      return { status: error.status ?? 500, body: { code: error.code ?? String(error) } }
    }
  }

  async function request({ method, path, token, body }) {
    const headers = {
      ...(body && { 'content-type': 'application/json' }),
      ...(token && { authorization: `Bearer ${token}` }),
    }
    const asked = new Request(`http://localhost${path}`, {
      method,
      headers,
      ...(body && { body: JSON.stringify(body) }),
    })
    const response = await auth.handle(asked, { address: '192.0.2.1' })
    const text = await response.text()
    return { status: response.status, body: text.startsWith('{') ? JSON.parse(text) : undefined }
  }
}
