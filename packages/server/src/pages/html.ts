/** The pages as HTML: no inline script or style, nothing from elsewhere. */

interface Page {
  readonly title: string
  readonly path: string
  readonly head?: string
  readonly body: string
}

const LINKS = [
  ['/', 'Overview'],
  ['/reference', 'REST'],
  ['/graphql', 'GraphQL'],
] as const

const page = ({ title, path, head = '', body }: Page): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<link rel="icon" href="/assets/icon.svg">
<link rel="stylesheet" href="/assets/style.css">
${head}</head>
<body>
<header class="top">
<strong>Latchkey</strong>
<nav aria-label="Pages">
${LINKS.map(([to, name]) => `<a href="${to}"${to === path ? ' aria-current="page"' : ''}>${name}</a>`).join('\n')}
</nav>
</header>
${body}
</body>
</html>
`

const card = (to: string, name: string, about: string): string =>
  `<li><a href="${to}"><strong>${name}</strong><span>${about}</span></a></li>`

export const INDEX: string = page({
  title: 'Latchkey',
  path: '/',
  body: `<main>
<h1>The server is running</h1>
<p class="lead">One token for REST and GraphQL. Log in at <code>POST /auth/login</code>, then send the access token as
<code>Authorization: Bearer</code>.</p>
<ul class="cards">
${card('/reference', 'REST reference', 'Every endpoint, with its inputs and answers, to try here')}
${card('/graphql', 'GraphQL', 'Write a query, log in, and see what it answers')}
${card('/auth/openapi.json', 'OpenAPI', 'The same reference for machines')}
${card('/.well-known/jwks.json', 'Signing keys', 'What other services verify tokens with')}
</ul>
</main>`,
})

export const REFERENCE: string = page({
  title: 'REST reference · Latchkey',
  path: '/reference',
  head: `<link rel="stylesheet" href="/assets/swagger-ui.css">
<script defer charset="utf-8" src="/assets/swagger-ui-bundle.js"></script>
<script type="module" src="/assets/reference.js"></script>
`,
  body: `<main class="reference"><div id="reference"><noscript>This page needs JavaScript; the reference is at
<a href="/auth/openapi.json">/auth/openapi.json</a> too.</noscript></div></main>`,
})

const field = (id: string, label: string, attributes: string): string =>
  `<div><label for="${id}">${label}</label><input id="${id}" name="${id}" ${attributes}></div>`

export const GRAPHQL: string = page({
  title: 'GraphQL · Latchkey',
  path: '/graphql',
  head: '<script type="module" src="/assets/graphql.js"></script>\n',
  body: `<main class="wide">
<div class="stack">
<section class="panel" aria-labelledby="who">
<h2 id="who">Caller: <span id="caller" role="status">nobody</span></h2>
<form id="login" class="row">
${field('username', 'User name', 'autocomplete="username" autocapitalize="none" spellcheck="false" required')}
${field('password', 'Password', 'type="password" autocomplete="current-password" required')}
<button>Log in</button>
</form>
<button id="logout" class="quiet" type="button" hidden>Log out</button>
<details>
<summary>Or paste an access token</summary>
<label for="token">Access token</label>
<textarea id="token" rows="3" spellcheck="false" autocomplete="off"></textarea>
</details>
</section>
<section class="panel" aria-labelledby="ask">
<h2 id="ask">Query</h2>
<form id="query-form" class="stack">
<div><label for="example">Example</label><select id="example"></select></div>
<div><label for="query">Document</label><textarea id="query" rows="9" spellcheck="false" autocapitalize="none"></textarea></div>
<div><label for="variables">Variables, as JSON</label><textarea id="variables" rows="3" spellcheck="false"></textarea></div>
<div class="row"><button>Run</button><p class="hint">Ctrl + Enter runs it too.</p></div>
</form>
</section>
</div>
<section class="panel" aria-labelledby="answer">
<h2 id="answer">Answer</h2>
<p id="status" class="status" role="status"></p>
<pre id="result" tabindex="0" aria-label="Answer as JSON">Run a query to see what it answers.</pre>
</section>
<aside class="panel docs" aria-labelledby="schema">
<h2 id="schema">Schema</h2>
<div id="docs"><noscript>This page needs JavaScript.</noscript></div>
</aside>
</main>`,
})
