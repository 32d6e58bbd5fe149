/** A walk through the running application, request by request: what is refreshed, how often, and who has the new cookies. */
import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { claimsOf, generationOf, visitor } from './jar.mjs'

const nameIn = (html) => /<b id="caller">([^<]*)</.exec(html)?.[1]
const tokenIn = (html) => /<code id="token">([^<]*)</.exec(html)?.[1]

/** Each step is a promise of the adapter; they go on where the one before stopped. */
export const steps = [
  {
    promise: 'a stranger is nobody to a page, and is refused by a route that takes a permission',
    async walk({ me }) {
      const page = await me.get('/')
      assert.deepEqual([page.status, nameIn(page.text), page.set], [200, 'nobody', []])
      const refused = await me.get('/drafts')
      assert.deepEqual([refused.status, refused.headers.get('www-authenticate')], [401, 'Bearer realm="api"'])
      assert.equal(JSON.parse(refused.text).code, 'credential_missing')
    },
  },
  {
    promise: 'a login sets the cookies, and the page knows who calls',
    async walk({ me, signIn }) {
      await signIn()
      const page = await me.get('/')
      assert.deepEqual([nameIn(page.text), page.set], ['alice', []])
      assert.equal(tokenIn(page.text), claimsOf(me.value('access_token')).jti)
    },
  },
  {
    promise: 'a route behind a permission refuses alice and lets bob in',
    async walk({ me, other }) {
      const refused = await me.get('/drafts')
      assert.deepEqual([refused.status, JSON.parse(refused.text).missing], [403, ['drafts:read']])
      assert.deepEqual(JSON.parse((await other.get('/drafts')).text), ['Who has the key?'])
    },
  },
  {
    promise: 'an expired token is refreshed once: the answer and the page have the same new one',
    async walk({ me, expired }) {
      await expired()
      const before = {
        token: claimsOf(me.value('access_token')).jti,
        generation: generationOf(me.value('refresh_token')),
      }
      const page = await me.get('/')
      assert.equal(nameIn(page.text), 'alice')
      assert.notEqual(tokenIn(page.text), before.token)
      assert.equal(tokenIn(page.text), claimsOf(me.value('access_token')).jti)
      assert.equal(generationOf(me.value('refresh_token')), before.generation + 1)
      assertNoneTwice(page)
      assert.match(page.headers.get('cache-control'), /no-store/)
    },
  },
  {
    promise: 'a route handler behind the proxy does not refresh a second time',
    async walk({ me, expired }) {
      await expired()
      const before = generationOf(me.value('refresh_token'))
      const answer = await me.get('/mine')
      assert.deepEqual([answer.status, JSON.parse(answer.text).by], [200, 'alice'])
      assert.equal(generationOf(me.value('refresh_token')), before + 1)
      assertNoneTwice(answer)
    },
  },
  {
    promise: 'requests that come at once with one expired token are refreshed to the same one',
    async walk({ me, expired }) {
      await expired()
      const before = generationOf(me.value('refresh_token'))
      const pages = await Promise.all(['/', '/', '/mine', '/'].map((path) => me.get(path, { keep: false })))
      const refreshed = pages.map(({ set }) => set.find(({ name }) => name.endsWith('refresh_token'))?.value)
      assert.deepEqual(new Set(refreshed).size, 1)
      assert.equal(generationOf(refreshed[0]), before + 1)
      assert.ok(pages.every(({ status }) => status === 200))
      await me.get('/')
    },
  },
  {
    promise: 'a cookie alone writes nothing: what another site sends is refused',
    async walk({ me }) {
      const init = { method: 'POST', body: '{"text":"x"}', headers: { 'content-type': 'application/json' } }
      const forged = await me.get('/notes', { ...init, headers: { ...init.headers, 'sec-fetch-site': 'cross-site' } })
      assert.deepEqual([forged.status, JSON.parse(forged.text).code], [403, 'csrf_failed'])
      const own = { 'x-csrf-token': me.value('csrf_token') }
      const written = await me.get('/notes', { ...init, headers: { ...init.headers, ...own } })
      assert.deepEqual([written.status, JSON.parse(written.text).by], [201, 'alice'])
    },
  },
  {
    promise: 'a session that ended elsewhere is over for the page, and the browser forgets its cookies',
    async walk({ me, expired, endEverywhere }) {
      await endEverywhere()
      await expired()
      const page = await me.get('/')
      assert.equal(nameIn(page.text), 'nobody')
      assert.ok(page.set.length > 0 && page.set.every(({ isGone }) => isGone))
      assert.deepEqual([...me.jar.keys()], [])
    },
  },
]

/** Two lines for one cookie would leave it to the browser which of two tokens it keeps. */
function assertNoneTwice({ set }) {
  const names = set.map(({ name }) => name)
  assert.ok(names.length > 0)
  assert.deepEqual(names, [...new Set(names)])
}

/** Two visitors, and what has to happen between the steps. */
export async function company(base) {
  const [me, other, elsewhere] = [visitor(base), visitor(base), visitor(base)]
  const login = async (who, username) => {
    const init = { method: 'POST', body: JSON.stringify({ username, password: 'password' }) }
    const answer = await who.get('/auth/login', { ...init, headers: { 'content-type': 'application/json' } })
    assert.equal(answer.status, 200, answer.text)
  }
  await login(other, 'bob')
  return {
    me,
    other,
    signIn: () => login(me, 'alice'),
    expired: async () => {
      const { exp } = claimsOf(me.value('access_token'))
      await sleep(Math.max(0, exp * 1000 - Date.now()) + 50)
    },
    endEverywhere: async () => {
      await login(elsewhere, 'alice')
      const headers = { 'x-csrf-token': elsewhere.value('csrf_token'), 'content-type': 'application/json' }
      const { status, text } = await elsewhere.get('/auth/logout/everywhere', { method: 'POST', headers, body: '{}' })
      assert.ok(status < 300, text)
    },
  }
}
