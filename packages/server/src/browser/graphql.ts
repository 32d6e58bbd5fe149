/** The page to try queries. Runs in browsers. */
/// <reference lib="dom" />
import { accessToken, bearer, login, logout } from './caller.js'
import { INTROSPECTION, schemaDocs } from './schema-docs.js'

const examples = [
  { name: 'Who am I', query: '{\n  me {\n    id\n    username\n    email\n    permissions\n  }\n}', variables: '' },
  {
    name: 'Log in',
    query: `mutation Login($username: String!, $password: String!) {
  login(username: $username, password: $password) {
    accessToken
    refreshToken
    expiresIn
    user { username }
  }
}`,
    variables: '{\n  "username": "",\n  "password": ""\n}',
  },
  {
    name: 'Refresh',
    query: `mutation Refresh($token: String!) {
  refresh(refreshToken: $token) {
    accessToken
    refreshToken
  }
}`,
    variables: '{\n  "token": ""\n}',
  },
  { name: 'Log out', query: 'mutation {\n  logout\n}', variables: '' },
] as const

const find = <T extends HTMLElement>(id: string): T => document.getElementById(id) as T
const loginForm = find<HTMLFormElement>('login')
const logoutButton = find<HTMLButtonElement>('logout')
const pasted = find<HTMLTextAreaElement>('token')
const queryForm = find<HTMLFormElement>('query-form')
const query = find<HTMLTextAreaElement>('query')
const variables = find<HTMLTextAreaElement>('variables')
const example = find<HTMLSelectElement>('example')

example.append(...examples.map(({ name }, index) => new Option(name, String(index))))
example.addEventListener('change', showExample)
queryForm.addEventListener('submit', (event) => act(event, run))
queryForm.addEventListener('keydown', (event) => {
  if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) act(event, run)
})
loginForm.addEventListener('submit', (event) => act(event, enter))
logoutButton.addEventListener('click', (event) => act(event, leave))
pasted.addEventListener('change', (event) => act(event, showDocs))
showExample()
void showDocs()

function showExample(): void {
  const chosen = examples[Number(example.value)] ?? examples[0]
  query.value = chosen.query
  variables.value = chosen.variables
}

async function run(): Promise<void> {
  const start = performance.now()
  const given: unknown = variables.value.trim() === '' ? undefined : parsed(variables.value)
  const { ok, status, answer } = await ask({ query: query.value, variables: given })
  const isGood = ok && answer.errors === undefined
  tell(`${status} in ${Math.round(performance.now() - start)} ms${isGood ? '' : ', with errors'}`, isGood)
  find('result').textContent = JSON.stringify(answer, null, 2)
}

async function enter(): Promise<void> {
  const password = find<HTMLInputElement>('password')
  const name = await login(find<HTMLInputElement>('username').value, password.value)
  password.value = ''
  pasted.value = ''
  showCaller(name)
  tell(`Logged in as ${name}.`, true)
  await showDocs()
}

async function leave(): Promise<void> {
  await logout()
  showCaller(undefined)
  tell('Logged out.', true)
  await showDocs()
}

function showCaller(name: string | undefined): void {
  find('caller').textContent = name ?? 'nobody'
  loginForm.hidden = name !== undefined
  logoutButton.hidden = name === undefined
}

async function showDocs(): Promise<void> {
  const { answer } = await ask({ query: INTROSPECTION })
  const schema = answer.data?.__schema
  find('docs').replaceChildren(...(schema ? schemaDocs(schema) : ['Log in to see the schema.']))
}

interface Answer {
  readonly data?: { readonly __schema?: Parameters<typeof schemaDocs>[0] } | null
  readonly errors?: readonly object[]
}

async function ask(body: object): Promise<{ ok: boolean; status: string; answer: Answer }> {
  const token = pasted.value.trim() || (await accessToken())
  const headers = { 'content-type': 'application/json', ...(token && bearer(token)) }
  const response = await fetch('/graphql', { method: 'POST', headers, body: JSON.stringify(body) })
  const { ok, status, statusText } = response
  return { ok, status: `${status} ${statusText}`.trim(), answer: (await response.json()) as Answer }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new Error('The variables are not JSON.')
  }
}

/** Does something once at a time, and shows why it failed. Nothing is disabled: that would take the focus away. */
function act(event: Event, work: () => Promise<void>): void {
  event.preventDefault()
  if (document.body.ariaBusy === 'true') return
  document.body.ariaBusy = 'true'
  work()
    .catch((error: unknown) => tell(error instanceof Error ? error.message : 'The server cannot be reached.', false))
    .finally(() => {
      document.body.ariaBusy = 'false'
    })
}

function tell(message: string, isGood: boolean): void {
  const status = find('status')
  status.textContent = message
  status.className = `status ${isGood ? 'good' : 'bad'}`
}
