/** The pages load everything from this server, and nothing that their policy forbids. */
import { expect, test } from 'vitest'
import { startServer } from './server-kit.js'

const html = { headers: { accept: 'text/html,application/json;q=0.9,*/*;q=0.8' } }

test('the index links to the reference and to GraphQL, and every page and asset is there', async () => {
  const { call } = await startServer()
  const index = await call('GET', '/', html)
  expect(index.text).toContain('href="/reference"')
  expect(index.text).toContain('href="/graphql"')
  for (const path of ['/', '/reference', '/graphql']) {
    const { status, headers, text } = await call('GET', path, html)
    expect([path, status, headers.get('content-type')]).toEqual([path, 200, 'text/html; charset=UTF-8'])
    expect(headers.get('content-security-policy')).toMatch(/^default-src 'self'; object-src 'none'; base-uri 'none'/)
    const references = [...text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, to]) => to as string)
    for (const to of references) {
      expect([to, (await call('GET', to, html)).status]).toEqual([to, 200])
    }
  }
})

test('no page has an inline script, style or handler, or names another host', async () => {
  const { call } = await startServer()
  for (const path of ['/', '/reference', '/graphql']) {
    const { text } = await call('GET', path, html)
    expect(text).not.toMatch(
      /<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=|javascript:|(?:src|href)="(?:https?:)?\/\//i,
    )
  }
})

test('assets are text of a known type with a tag; others do not exist', async () => {
  const { call } = await startServer()
  const { headers } = await call('GET', '/assets/graphql.js')
  expect(headers.get('content-type')).toBe('text/javascript; charset=utf-8')
  const again = await call('GET', '/assets/graphql.js', { headers: { 'if-none-match': headers.get('etag') as string } })
  expect([again.status, again.text]).toEqual([304, ''])
  for (const name of ['nothing.js', 'constructor', '__proto__', 'graphql.d.ts'])
    expect((await call('GET', `/assets/${name}`)).status).toBe(404)
})

test('/graphql is a page for a browser without a query only', async () => {
  const { call } = await startServer()
  expect((await call('GET', '/graphql', html)).text).toContain('<!doctype html>')
  expect((await call('GET', '/graphql?query=%7B__typename%7D', html)).body).toEqual({ data: { __typename: 'Query' } })
  expect((await call('GET', '/graphql')).body.errors).toHaveLength(1)
})

test('every field of a form has a label, and results are announced', async () => {
  const { call } = await startServer()
  const { text } = await call('GET', '/graphql', html)
  const ids = [...text.matchAll(/<(?:input|textarea|select) id="([^"]+)"/g)].map(([, id]) => id)
  expect(ids.length).toBeGreaterThan(4)
  for (const id of ids) expect(text).toContain(`<label for="${id}">`)
  expect(text).toMatch(/id="status"[^>]*role="status"/)
  expect(text).toContain('<html lang="en">')
})
