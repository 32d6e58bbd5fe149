/** The hook in a page that lives: React renders again when somebody signs in or out, and only then. */
import { createRequire } from 'node:module'
import { expect, test } from 'vitest'
import { newContext } from './browser.js'
import { APP, serve } from './site.js'

const { build } = createRequire(new URL('../../../server/package.json', import.meta.url))('esbuild')

/** A page with three components that use one client, whose user the test sets. */
const PAGE = `
  import { createElement as h, StrictMode } from 'react'
  import { hydrateRoot } from 'react-dom/client'
  import { useAuth } from './src/client/react.ts'
  const listeners = new Set()
  const client = {
    user: undefined, expiresAt: undefined,
    ready: async () => { page.asked++; throw new Error('offline') },
    onChange(listener) { listeners.add(listener); return () => listeners.delete(listener) },
  }
  const errors = []
  globalThis.page = { asked: 0, renders: 0, errors, listeners, become(user) {
    Object.assign(client, { user, expiresAt: user && (client.expiresAt ?? 0) + 300 })
    for (const listener of listeners) listener()
  } }
  const Name = () => {
    page.renders++
    const { user, expiresAt, isSignedIn } = useAuth(client)
    return h('b', null, isSignedIn ? user.id + ' ' + expiresAt : 'nobody')
  }
  const onRecoverableError = (error) => errors.push(String(error))
  const root = hydrateRoot(document.body, h(StrictMode, null, h(Name), h(Name), h(Name)), { onRecoverableError })
  page.leave = () => root.unmount()
`

test('components are rendered when the user changes, and only then', async () => {
  const resolveDir = new URL('../..', import.meta.url).pathname
  const define = { 'process.env.NODE_ENV': '"development"' }
  const stdin = { contents: PAGE, resolveDir, loader: 'js' }
  const { outputFiles } = await build({ stdin, define, bundle: true, write: false, format: 'esm' })
  const html = '<!doctype html><title>React</title><body><b>nobody</b><b>nobody</b><b>nobody</b></body>'
  const site = await serve((request, response) => {
    const isScript = request.url === '/page.js'
    response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html')
    response.end(isScript ? outputFiles[0].text : html)
  })
  const page = await (await newContext()).newPage()
  await page.goto(site.origin(APP))
  await page.addScriptTag({ url: '/page.js', type: 'module' })
  await page.waitForFunction('page.listeners.size === 3')
  const text = () => page.evaluate('document.body.innerText')
  const renders = () => page.evaluate('new Promise((done) => setTimeout(() => done(page.renders), 50))')

  expect(await text()).toBe('nobodynobodynobody')
  await page.evaluate("page.become({ id: 'ada' })")
  await page.waitForFunction("document.body.innerText === 'ada 300ada 300ada 300'")
  const settled = await renders()
  // A change of which nothing can be seen.
  await page.evaluate('page.listeners.forEach((listener) => listener())')
  expect(await renders()).toBe(settled)
  await page.evaluate('page.become(undefined)')
  await page.waitForFunction("document.body.innerText === 'nobodynobodynobody'")
  await page.evaluate('page.leave()')
  expect(await page.evaluate('[page.listeners.size, page.errors, page.asked > 0]')).toEqual([0, [], true])
})
