/** The page of the application under test: it shows who is signed in, and does what a user or a test asks of the client. */
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'

/** `?base=` and `?transport=` are the client's; with `?quiet` the page asks nobody who is signed in. */
export const HOME = `<!doctype html>
<meta charset="utf-8">
<title>Latchkey</title>
<style>body { font: 16px sans-serif; margin: 2rem; max-width: 30rem } p { margin: 1rem 0 } output { font-weight: bold }</style>
<h1>Latchkey</h1>
<p>Signed in: <output id="user">nobody</output></p>
<form id="login">
  <p><label>User <input name="username" autocomplete="username"></label></p>
  <p><label>Password <input name="password" type="password" autocomplete="current-password"></label></p>
  <button>Log in</button>
</form>
<p><button id="save">Save a post</button> <button id="logout">Log out</button></p>
<p>Last answer: <output id="last">none</output></p>
<script type="module">
import { createClient } from '/client.js'
const asked = new URLSearchParams(location.search)
const api = createClient(asked.get('base') ?? '/auth', { transport: asked.get('transport') ?? 'cookie' })
const show = (id, text) => { document.getElementById(id).textContent = text }
const showUser = () => show('user', api.user?.username ?? 'nobody')
const showAnswer = (work) => work.then((text) => show('last', text), (error) => show('last', error.code ?? error.name))
window.save = () => api.fetch('/posts', { method: 'POST' }).then(({ status }) => status)
document.getElementById('save').onclick = () => showAnswer(save())
document.getElementById('logout').onclick = () => showAnswer(api.logout().then(() => 'logged out'))
document.getElementById('login').onsubmit = (event) => {
  event.preventDefault()
  showAnswer(api.login(Object.fromEntries(new FormData(event.target))).then(() => 'logged in'))
}
window.api = api
api.onChange(showUser)
if (!asked.has('quiet')) await api.ready().catch(() => {})
showUser()
document.body.id = 'shown'
</script>
`

const ENTRY = fileURLToPath(new URL('../../src/client/index.ts', import.meta.url))

let bundle: Promise<string> | undefined

/** The client as a page loads it. */
export function clientBundle(): Promise<string> {
  bundle ??= bundled()
  return bundle
}

async function bundled(): Promise<string> {
  const { build } = createRequire(new URL('../../../server/package.json', import.meta.url))('esbuild')
  const options = {
    bundle: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    write: false,
    logLevel: 'error',
  }
  const { outputFiles } = await build({ entryPoints: [ENTRY], ...options })
  return outputFiles[0].text
}
