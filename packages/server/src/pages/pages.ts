/** The pages: an index, the API reference and the page to try queries, all from this server and nothing from elsewhere. */
import type { Hono } from 'hono'
import { PAGE_HEADERS, REFERENCE_HEADERS } from '../http/headers.js'
import { createAssets } from './assets.js'
import { GRAPHQL, INDEX, REFERENCE } from './html.js'

/** Adds the pages to an application; `/graphql` is one only for a browser that brings no query. */
export function addPages(app: Hono, folder: URL): void {
  const asset = createAssets(folder)
  app.get('/', (c) => c.html(INDEX, 200, PAGE_HEADERS))
  app.get('/reference', (c) => c.html(REFERENCE, 200, REFERENCE_HEADERS))
  app.get('/assets/:name', (c) => asset(c.req.param('name'), c.req.header('if-none-match')))
  app.get('/graphql', async (c, next) => {
    const wantsPage = c.req.query('query') === undefined && /\btext\/html\b/.test(c.req.header('accept') ?? '')
    return wantsPage ? c.html(GRAPHQL, 200, { ...PAGE_HEADERS, vary: 'Accept' }) : next()
  })
}
